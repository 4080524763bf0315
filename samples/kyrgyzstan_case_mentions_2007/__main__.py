"""`python -m samples.kyrgyzstan_case_mentions_2007`: write the raw files of the survey again."""

from pathlib import Path

from samples.kyrgyzstan_case_mentions_2007 import write

write(Path(__file__).resolve().parents[2] / "surveys" / "kyrgyzstan_case_mentions_2007" / "raw")
