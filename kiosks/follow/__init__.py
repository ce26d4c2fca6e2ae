"""The page behind the ticket's QR: a phone follows its turn, with no name on it."""
