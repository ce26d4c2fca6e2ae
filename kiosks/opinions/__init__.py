"""Where citizens rate their attention: the tablet of a ventanilla and the kiosk. The phone asks on its own page."""
