"""The tills of the centre: what each cashier took, the blind count, and refunds paid."""
