"""Curing an observation at the till: what was missing is brought in time."""
