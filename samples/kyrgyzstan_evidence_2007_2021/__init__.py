"""The figures of the child-trafficking study of 2008 and of the study of unregistered cases of 2021, one row each."""

from samples.kyrgyzstan_evidence_2007_2021.register import COLUMNS, figures, write

__all__ = ["COLUMNS", "figures", "write"]
