"""`python -m samples.kyrgyzstan_grants_2005`: write the raw files of the survey again."""

from pathlib import Path

from samples.kyrgyzstan_grants_2005 import write

write(Path(__file__).resolve().parents[2] / "surveys" / "kyrgyzstan_grants_2005" / "raw")
