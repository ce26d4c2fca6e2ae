"""The partner's PC: its own application, database, ledger and outbox. It meets the centre only over HTTP, in the words of core.wire."""
