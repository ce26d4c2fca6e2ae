"""Valijas at the centre: received by scanning, their missing papers made known."""
