"""Who this cabin is: its pairing, and what the centre granted it: series, catalogue, suspension."""
