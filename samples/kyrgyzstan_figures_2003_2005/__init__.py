"""The figures of the baseline study of 2004 and the evaluation of 2005 in Kyrgyzstan, one row each, as a register."""

from samples.kyrgyzstan_figures_2003_2005.register import COLUMNS, figures, write

__all__ = ["COLUMNS", "figures", "write"]
