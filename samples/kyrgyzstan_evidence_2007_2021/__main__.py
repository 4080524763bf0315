"""Write the raw file of the survey anew: `python -m samples.kyrgyzstan_evidence_2007_2021`."""

from pathlib import Path

from samples.kyrgyzstan_evidence_2007_2021 import write

RAW = Path(__file__).resolve().parents[2] / "surveys" / "kyrgyzstan_evidence_2007_2021" / "raw"

if __name__ == "__main__":
    write(RAW)
