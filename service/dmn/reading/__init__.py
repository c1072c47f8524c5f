"""From the XML of a file to its syntax: what stands where, with element ids and lines."""
