"""Telling people how a night ended: by mail or by webhook."""
