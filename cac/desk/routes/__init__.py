"""The desk over HTTP: the API, the ventanilla's pages, the follow-a-ticket data."""
