"""Paper over HTTP: jobs for programs, the door of the agents, pages for staff, printers for the administrator."""
