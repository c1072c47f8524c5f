"""Published cases beside the running ones."""
