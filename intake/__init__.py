"""What filing a case means, pure: one meaning for the centre's desk, the portal and a cabin with no link."""
