"""What data must look like: instruments, result tables, survey declarations, typed errors. No I/O but reading declarations."""
