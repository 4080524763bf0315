"""The 2009 survey of families in five countries, rebuilt from its published sums: no row is a real interview."""

from samples.central_asia_2009.files import write
from samples.central_asia_2009.interviews import interviews, reasons

__all__ = ["interviews", "reasons", "write"]
