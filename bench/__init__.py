"""How fast, against the floor of the machine it runs on: each line is a ratio to something bare measured in the same run."""
