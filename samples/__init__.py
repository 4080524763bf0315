"""Invented raw data with known truth. Nothing here reads a warehouse or estimates anything."""
