"""The steps of a run, one module each, in the order the data travels; Prefect wrappers are in `orchestrated`."""
