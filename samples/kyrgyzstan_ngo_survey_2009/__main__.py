"""`python -m samples.kyrgyzstan_ngo_survey_2009`: write the raw files of the survey again."""

from pathlib import Path

from samples.kyrgyzstan_ngo_survey_2009 import write

write(Path(__file__).resolve().parents[2] / "surveys" / "kyrgyzstan_ngo_survey_2009" / "raw")
