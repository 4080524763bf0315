"""The first draft of a declaration from sample files: what is guessed, with its confidence, and how it is written.

No guess is used by a night. A place that could not be guessed holds `CHOOSE`, which no declaration loads with.
"""
