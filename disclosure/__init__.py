"""Statistical disclosure control: which cells of a release are hidden, which others with them, and the proof.

Arrays and frames in, arrays and frames out; no file, no database, no rule of any one survey.
"""
