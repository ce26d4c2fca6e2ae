"""Papers waiting for the printer, and the worker that sends them."""
