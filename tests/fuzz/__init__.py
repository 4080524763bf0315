"""Fuzzing of the readers: whatever the bytes, a reader returns a table or refuses the file with a typed error."""
