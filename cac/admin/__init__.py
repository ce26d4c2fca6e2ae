"""Set-up by the administrator: people, equipment, tokens, rooms, paper, cabins, the TUPA, and the log they leave."""
