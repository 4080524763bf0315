"""The static site of a release: its pages, charts and maps, in every language."""
