"""Indicators that an instrument declares: typed records in, cells of `estimates` and what they rest on out."""
