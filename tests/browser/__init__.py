"""The site in a real browser, from disk and from a plain web server."""
