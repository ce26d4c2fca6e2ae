"""The tray of a unidad: what is coming, what is in hand, what is late; and what the CAC has not sent on."""
