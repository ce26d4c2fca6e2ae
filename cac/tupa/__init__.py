"""The TUPA: what may be asked of a citizen, in versions. A case keeps the version it was filed under."""
