"""Paper at the centre: printers and routes, jobs as rows, the spool's loops, the agents' door, a person's answers."""
