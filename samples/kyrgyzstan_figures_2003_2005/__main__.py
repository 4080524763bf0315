"""Write the raw file of the survey anew: `python -m samples.kyrgyzstan_figures_2003_2005`."""

import sys
from pathlib import Path

from samples.kyrgyzstan_figures_2003_2005 import write

RAW = Path(__file__).resolve().parents[2] / "surveys" / "kyrgyzstan_figures_2003_2005" / "raw"

if __name__ == "__main__":
    for path in write(RAW):
        sys.stdout.write(f"{path.name}\n")
