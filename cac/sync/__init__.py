"""Cabins at the centre: their convenio and devices, the series they number in, and everything they ever sent."""
