"""The way from a claim to a page: run it, keep what was seen, compare, show."""
