"""Who works at the till, and the programs that may."""
