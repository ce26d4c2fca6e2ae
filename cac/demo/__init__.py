"""The demonstration municipality: what is in it, and the processes that show it."""
