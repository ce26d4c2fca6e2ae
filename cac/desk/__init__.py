"""Turns: what people take at the kiosk and clerks call at their ventanillas."""
