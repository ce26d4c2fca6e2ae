"""How the till comes to a PC, starts with it, and changes from one version of the program to another and back."""
