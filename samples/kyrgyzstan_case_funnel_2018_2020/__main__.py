"""`python -m samples.kyrgyzstan_case_funnel_2018_2020`: write the raw files of the survey again."""

from pathlib import Path

from samples.kyrgyzstan_case_funnel_2018_2020 import write

write(Path(__file__).resolve().parents[2] / "surveys" / "kyrgyzstan_case_funnel_2018_2020" / "raw")
