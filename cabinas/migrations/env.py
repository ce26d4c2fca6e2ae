"""Alembic's entry: the connection and the metadata come from storage.migrations.upgrade."""

from storage.migrations import run_environment

run_environment()
