"""The sheet on which a clerk registers an expediente: what is typed, kept as a draft, worked out by the server, filed."""
