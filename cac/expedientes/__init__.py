"""Expedientes: one case, one number, everything that happened to it in order."""
