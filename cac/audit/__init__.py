"""What was done, by whom, when: appended, sealed into a hash chain, never edited."""
