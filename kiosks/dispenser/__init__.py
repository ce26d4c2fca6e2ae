"""The kiosk that gives tickets: one touch, one ticket, and the truth about its paper."""
