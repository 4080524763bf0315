"""Servers of forms on this machine, as ODK Central and KoboToolbox document them, and what is read from them."""
