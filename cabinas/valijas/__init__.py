"""Valijas: the bags in which a cabin sends its paper originals to the centre."""
