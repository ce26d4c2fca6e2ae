"""Evidence for Ley 28683: how long preferentes wait, corrections of class, complaints, and whether somebody always attended them."""
