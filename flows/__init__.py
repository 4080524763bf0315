"""What runs, when, in which order: Prefect flows and the command line. No business rule."""

import os

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # Arrow's own pool keeps what it frees: 40 MB of a night
