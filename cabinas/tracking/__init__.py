"""Where a case is, asked of the centre as a citizen does: with its number and the key of its cargo, when there is link."""
