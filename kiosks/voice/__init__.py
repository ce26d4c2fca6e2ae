"""The room's voice: phrases, a chime of our own, and speech rendered offline, kept as WAV files."""
