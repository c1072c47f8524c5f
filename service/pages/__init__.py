"""The page of a jurisdiction, generated from its folders."""
