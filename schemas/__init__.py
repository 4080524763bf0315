"""What data must look like: instruments, result tables, declarations, typed errors. Reads declarations, no data."""
