"""The pages of an expediente: the register with its search, and one case with its term, its record and what may be done."""
