"""The screen of a waiting room: who is called, shown and spoken."""
