"""HTTP machinery that the centre and the cabin share: settings, server, problem documents, access, idempotent POST."""
