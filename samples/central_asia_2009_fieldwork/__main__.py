"""`python -m samples.central_asia_2009_fieldwork`: write the raw files of the survey again."""

from pathlib import Path

from samples.central_asia_2009_fieldwork import write

write(Path(__file__).resolve().parents[2] / "surveys" / "central_asia_2009_fieldwork" / "raw")
