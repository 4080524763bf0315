"""Where raw files come from and how their formats are read. No survey rule; nothing is lost or guessed."""
