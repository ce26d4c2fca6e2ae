"""Who answers for the drawer: shifts between two blind counts, and the partner's own cash in it."""
