"""Coming without standing in line: turns taken from a phone, and appointments that enter the same queue at their hour."""
