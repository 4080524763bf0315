"""What runs, when, in which order: Prefect flows and the command line. No business rule."""
