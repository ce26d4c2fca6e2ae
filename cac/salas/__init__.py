"""Setting up sites, salas, services and ventanillas, by people who are no programmers. Each change is audited, old and new, and seen at once."""
