"""Who is who at the centre: staff, API tokens, paired devices, and what each role may do."""
