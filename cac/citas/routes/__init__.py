"""Pages of appointments: the citizen's, the staff's, the administrator's."""
