"""What a citizen at home sees: the portal, the TUPA in plain words, where a case is."""
