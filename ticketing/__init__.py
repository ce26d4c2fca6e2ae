"""The queue, pure: states and moves, who is next and why, numbers, the board, the wait estimate, the end of the day.

No clock, no database: `now` and the rows arrive as arguments, decisions leave as values."""
