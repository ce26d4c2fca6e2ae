"""Treasury: what each cabin owes, its remittances and extornos, and the signed word that settles them."""
