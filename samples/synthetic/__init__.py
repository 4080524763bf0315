"""An invented survey of any size, with strata, PSUs and clustering, whose true rates and design effects are known."""

from samples.synthetic.files import frame, write
from samples.synthetic.plan import COUNTS, Plan, plan_of

__all__ = ["COUNTS", "Plan", "frame", "plan_of", "write"]
