"""What supervisors see: the room now, and what the day was."""
