"""Release pages: pure functions from result tables to files."""
