"""The orientador's tablet: a ticket given by hand to whoever cannot or does not want to use the kiosk."""
