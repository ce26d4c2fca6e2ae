"""What people thought of their attention: five faces, one answer a ticket, and the figures a supervisor sees of them."""
