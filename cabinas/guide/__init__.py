"""The operator's guide: one page to print and keep beside the till."""
