"""A damaged database: the till numbers and charges nothing, shows what can still be read, and leads a person out of it.

Nothing of it is thrown away: what is replaced is kept aside. What the centre holds comes back by itself once the till talks
again; what it does not is told by the mark outside the database."""
