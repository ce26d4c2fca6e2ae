"""Scans and photographs of a case: kept here by their content, sent after the data."""
