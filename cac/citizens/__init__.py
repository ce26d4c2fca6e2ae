"""People, once each: unique by document."""
