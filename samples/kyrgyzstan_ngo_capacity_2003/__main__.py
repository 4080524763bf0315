"""`python -m samples.kyrgyzstan_ngo_capacity_2003`: write the raw files of the survey again."""

from pathlib import Path

from samples.kyrgyzstan_ngo_capacity_2003 import write

write(Path(__file__).resolve().parents[2] / "surveys" / "kyrgyzstan_ngo_capacity_2003" / "raw")
