"""The first schema of the centre.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.triggers import append_only_sql
from storage.types import Day, UtcDateTime

revision = "0001"
down_revision = None

APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "acto": (),
    "aside_order": ("decided_at", "decided_by", "approved"),
    "audit_entry": (),
    "audit_seal": (),
    "cabin_close": (),
    "cabin_document": (),
    "cabin_extorno": (),
    "cabin_lease": (),
    "cabin_news": (),
    "cabin_posting": (),
    "cabin_remittance": (),
    "cabin_settlement": ("accepted_at", "own_check"),
    "cabin_shift": (),
    "cabin_suspension": (),
    "centre_epoch": (),
    "charge": (),
    "cita_move": (),
    "code_taken": (),
    "documento": (),
    "expediente_alias": (),
    "guarantee_decision": (),
    "guarantee_order": (),
    "inbox_event": (),
    "inbox_fork": ("settled_at", "settled_by", "settled_how"),
    "llamado": (),
    "lost_events": ("settled_at", "settled_by", "settled_how"),
    "movimiento": (),
    "opinion": (),
    "paper_logo": (),
    "phone_confirmation": (),
    "preferente_answer": (),
    "preferente_complaint": (),
    "print_attempt": (),
    "printer_event": (),
    "read_entry": (),
    "rebuilt_filing": ("event_id", "arrived_at", "differs"),
    "refund_line": (),
    "ticket_move": (),
    "till_close": (),
    "tramite": (),
    "treasury_word": ("accepted_at", "displaced_at"),
    "tupa_version": (),
    "ventanilla_move": (),
}  # table: columns that may be set once

SEARCH = {
    "sqlite": [
        (
            "CREATE VIRTUAL TABLE expediente_search USING fts5(words, content='', contentless_delete=1, "
            "detail=none, prefix='3', tokenize='unicode61')"
        )
    ],
    "postgresql": [
        "CREATE TABLE expediente_search (id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX ix_expediente_search ON expediente_search USING gin (words) WITH (fastupdate = off)",
    ],
}


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=40), nullable=True),
        sa.Column("acknowledged_name", sa.String(length=120), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_sala", "alert", ["sala", "id"], unique=False)
    op.create_index(
        "uq_alert_open",
        "alert",
        ["sala", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sala", sa.String(length=40), nullable=True),
        sa.Column("area", sa.String(length=160), nullable=True),
        sa.Column("printer", sa.String(length=60), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_token_sha256")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False)
    op.create_table(
        "cabin_news",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina", sa.String(length=4), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_news")),
    )
    op.create_index("cabin_news_of_cabina", "cabin_news", ["cabina", "id"], unique=False)
    op.create_table(
        "cabin_support",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cac", sa.String(length=40), nullable=False),
        sa.Column("treasury", sa.String(length=40), nullable=False),
        sa.Column("support", sa.String(length=40), nullable=False),
        sa.Column("release", sa.String(length=40), nullable=False),
        sa.Column("release_commit", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_support")),
    )
    op.create_table(
        "cabina",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("partner", sa.String(length=160), nullable=False),
        sa.Column("ruc", sa.String(length=11), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("hours", sa.String(length=200), nullable=False),
        sa.Column("service_centimos", sa.Integer(), nullable=False),
        sa.Column("service_bearer", sa.String(length=20), nullable=False),
        sa.Column("guarantee_centimos", sa.Integer(), nullable=False),
        sa.Column("warn_percent", sa.Integer(), nullable=False),
        sa.Column("tramites", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("caught_up_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabina")),
        sa.UniqueConstraint("code", name=op.f("uq_cabina_code")),
    )
    op.create_table(
        "centre_epoch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centre_epoch")),
    )
    op.create_table(
        "day_figures",
        sa.Column("day", Day(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_figures")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sala", sa.String(length=40), nullable=True),
        sa.Column("ventanilla", sa.Integer(), nullable=True),
        sa.Column("pairing_sha256", sa.String(length=64), nullable=True),
        sa.Column("pairing_until", UtcDateTime(), nullable=True),
        sa.Column("cookie_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("paired_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("clock_offset_s", sa.Integer(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("cookie_sha256", name=op.f("uq_device_cookie_sha256")),
        sa.UniqueConstraint("pairing_sha256", name=op.f("uq_device_pairing_sha256")),
    )
    op.create_table(
        "draft",
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "place", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_saved_at"), "draft", ["saved_at"], unique=False)
    op.create_table(
        "intake_series",
        sa.Column("point", sa.String(length=8), nullable=False),
        sa.Column("series", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("point", name=op.f("pk_intake_series")),
    )
    op.create_table(
        "loop_lease",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_loop_lease")),
    )
    op.create_table(
        "number_counter",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(length=20), nullable=False),
        sa.Column("series", sa.String(length=12), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", "point", "series", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "paper_logo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_logo")),
    )
    op.create_index(op.f("ix_paper_logo_sha256"), "paper_logo", ["sha256"], unique=False)
    op.create_table(
        "paper_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_text")),
        sa.UniqueConstraint("kind", "language", "name", name=op.f("uq_paper_text_kind_language_name")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_type", sa.String(length=3), nullable=False),
        sa.Column("document_number", sa.String(length=20), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=True),
        sa.Column("email", sa.String(length=300), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("contact_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("document_type", "document_number", name=op.f("uq_person_document_type_document_number")),
    )
    op.create_index(op.f("ix_person_document_number"), "person", ["document_number"], unique=False)
    op.create_table(
        "printer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("warning", sa.String(length=300), nullable=True),
        sa.Column("health_at", UtcDateTime(), nullable=True),
        sa.Column("agent_seen_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer")),
        sa.UniqueConstraint("name", name=op.f("uq_printer_name")),
    )
    op.create_table(
        "read_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_entry")),
    )
    op.create_index(op.f("ix_read_entry_principal"), "read_entry", ["principal"], unique=False)
    op.create_index(op.f("ix_read_entry_subject"), "read_entry", ["subject"], unique=False)
    op.create_table(
        "reply",
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_reply")),
    )
    op.create_index(op.f("ix_reply_kept_at"), "reply", ["kept_at"], unique=False)
    op.create_table(
        "search_word",
        sa.Column(
            "word", sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_word")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_address"), "sign_in_failure", ["address"], unique=False)
    op.create_index(op.f("ix_sign_in_failure_at"), "sign_in_failure", ["at"], unique=False)
    op.create_index(op.f("ix_sign_in_failure_username"), "sign_in_failure", ["username"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("sala", sa.String(length=40), nullable=True),
        sa.Column("area", sa.String(length=160), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_username")),
    )
    op.create_table(
        "till_close",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("from_at", UtcDateTime(), nullable=True),
        sa.Column("to_at", UtcDateTime(), nullable=False),
        sa.Column("last_charge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("receipts", sa.Integer(), nullable=False),
        sa.Column("by_method", sa.JSON(), nullable=False),
        sa.Column("expected_centimos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counted_centimos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("difference_centimos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_close")),
    )
    op.create_index("ix_till_close_principal", "till_close", ["principal", "id"], unique=False)
    op.create_table(
        "tupa_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("valid_from", Day(), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.Column("imported_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tupa_version")),
        sa.UniqueConstraint("version", name=op.f("uq_tupa_version_version")),
    )
    op.create_table(
        "aside_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("motivo", sa.String(length=300), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asker", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_aside_order_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aside_order")),
    )
    op.create_index(op.f("ix_aside_order_cabina_id"), "aside_order", ["cabina_id"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_seal_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "cabin_device",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_key", sa.String(length=43), nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("other_machine", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("paired_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_why", sa.String(length=200), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("clock_offset_s", sa.Integer(), nullable=True),
        sa.Column("pending", sa.Integer(), nullable=True),
        sa.Column("municipal_held_centimos", sa.Integer(), nullable=True),
        sa.Column("alarms", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_device_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_device")),
        sa.UniqueConstraint("public_key", name=op.f("uq_cabin_device_public_key")),
    )
    op.create_index(op.f("ix_cabin_device_cabina_id"), "cabin_device", ["cabina_id"], unique=False)
    op.create_table(
        "cabin_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_document_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_document")),
    )
    op.create_index(op.f("ix_cabin_document_cabina_id"), "cabin_document", ["cabina_id"], unique=False)
    op.create_table(
        "cabin_posting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("undoes", sa.String(length=100), nullable=True),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("centimos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("centimos <> 0", name=op.f("ck_cabin_posting_centimos")),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_posting_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_posting")),
    )
    op.create_index("ix_cabin_posting_entry", "cabin_posting", ["cabina_id", "subject", "kind"], unique=False)
    op.create_index("ix_cabin_posting_sum", "cabin_posting", ["cabina_id", "account", "centimos"], unique=False)
    op.create_table(
        "cabin_settlement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("from_on", Day(), nullable=False),
        sa.Column("to_on", Day(), nullable=False),
        sa.Column("closing_centimos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("check_code", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("own_check", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_settlement_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_settlement")),
        sa.UniqueConstraint("cabina_id", "n", name=op.f("uq_cabin_settlement_cabina_id_n")),
    )
    op.create_table(
        "cabin_suspension",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("reason <> '' OR NOT suspended", name=op.f("ck_cabin_suspension_reason")),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_suspension_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_suspension")),
    )
    op.create_index(op.f("ix_cabin_suspension_cabina_id"), "cabin_suspension", ["cabina_id"], unique=False)
    op.create_table(
        "expediente",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(length=8), nullable=False),
        sa.Column("series", sa.String(length=3), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("track_key", sa.String(length=9), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("applicant_name", sa.String(length=160), nullable=False),
        sa.Column("representative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("annexes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("cabina", sa.String(length=8), nullable=True),
        sa.Column("ticket", sa.String(length=60), nullable=True),
        sa.Column("related", sa.String(length=60), nullable=True),
        sa.Column("notify", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("receiver", sa.String(length=40), nullable=False),
        sa.Column("receiver_name", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("tramite_code", sa.String(length=20), nullable=False),
        sa.Column("tramite_name", sa.String(length=300), nullable=False),
        sa.Column("tupa_version", sa.String(length=40), nullable=False),
        sa.Column("calendar_version", sa.String(length=20), nullable=False),
        sa.Column("term_business_days", sa.Integer(), nullable=False),
        sa.Column("silence", sa.String(length=3), nullable=True),
        sa.Column("qualification", sa.String(length=20), nullable=False),
        sa.Column("requisitos", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("fee_centimos", sa.Integer(), nullable=False),
        sa.Column("total_centimos", sa.Integer(), nullable=False),
        sa.Column("payment", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("unpaid", sa.Boolean(), nullable=False),
        sa.Column("warnings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("received_on", Day(), nullable=False),
        sa.Column("clock_start_on", Day(), nullable=True),
        sa.Column("due_on", Day(), nullable=True),
        sa.Column("sap_on", Day(), nullable=True),
        sa.Column("observed_due_on", Day(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("area", sa.String(length=160), nullable=False),
        sa.Column("home_area_code", sa.String(length=12), nullable=False),
        sa.Column("home_area", sa.String(length=160), nullable=False),
        sa.Column("on_its_way", sa.Boolean(), nullable=False),
        sa.Column("since_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_expediente_person_id")),
        sa.ForeignKeyConstraint(["representative_id"], ["person.id"], name=op.f("fk_expediente_representative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expediente")),
        sa.UniqueConstraint("number", name=op.f("uq_expediente_number")),
        sa.UniqueConstraint(
            "year", "point", "series", "sequence", name=op.f("uq_expediente_year_point_series_sequence")
        ),
    )
    op.create_index("ix_expediente_area", "expediente", ["area_code", "id"], unique=False)
    op.create_index(
        "ix_expediente_due",
        "expediente",
        ["due_on"],
        unique=False,
        sqlite_where=sa.text("state IN ('recibido', 'observado', 'en_tramite', 'suspendido')"),
        postgresql_where=sa.text("state IN ('recibido', 'observado', 'en_tramite', 'suspendido')"),
    )
    op.create_index(
        "ix_expediente_observed",
        "expediente",
        ["observed_due_on"],
        unique=False,
        sqlite_where=sa.text("state = 'observado'"),
        postgresql_where=sa.text("state = 'observado'"),
    )
    op.create_index("ix_expediente_person", "expediente", ["person_id", "tramite_code"], unique=False)
    op.create_index("ix_expediente_state", "expediente", ["state", "id"], unique=False)
    op.create_index("ix_expediente_ticket", "expediente", ["ticket"], unique=False)
    op.create_index(
        "ix_expediente_unpaid",
        "expediente",
        ["received_on"],
        unique=False,
        sqlite_where=sa.text("unpaid = 1"),
        postgresql_where=sa.text("unpaid"),
    )
    op.create_table(
        "guarantee_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("centimos", sa.Integer(), nullable=False),
        sa.Column("motivo", sa.String(length=300), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asker", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_guarantee_order_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarantee_order")),
    )
    op.create_index(op.f("ix_guarantee_order_cabina_id"), "guarantee_order", ["cabina_id"], unique=False)
    op.create_table(
        "inbox_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("flag", sa.String(length=20), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_inbox_event_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_event")),
        sa.UniqueConstraint("cabina_id", "epoch", "seq", name=op.f("uq_inbox_event_cabina_id_epoch_seq")),
    )
    op.create_table(
        "inbox_fork",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=120), nullable=True),
        sa.Column("settled_how", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_inbox_fork_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_fork")),
        sa.UniqueConstraint("cabina_id", "epoch", "seq", "hash", name=op.f("uq_inbox_fork_cabina_id_epoch_seq_hash")),
    )
    op.create_table(
        "lost_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=120), nullable=True),
        sa.Column("settled_how", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_lost_events_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lost_events")),
        sa.UniqueConstraint("cabina_id", "epoch", "last_seq", name=op.f("uq_lost_events_cabina_id_epoch_last_seq")),
    )
    op.create_table(
        "name_correction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("typed", sa.String(length=160), nullable=False),
        sa.Column("typed_by", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_name_correction_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_correction")),
    )
    op.create_index(op.f("ix_name_correction_person_id"), "name_correction", ["person_id"], unique=False)
    op.create_table(
        "phone_confirmation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("centimos", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_phone_confirmation_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_confirmation")),
        sa.UniqueConstraint("cabina_id", "epoch", "slot", name=op.f("uq_phone_confirmation_cabina_id_epoch_slot")),
    )
    op.create_table(
        "print_job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("printer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("stripped", sa.Integer(), nullable=False),
        sa.Column("replaced", sa.Integer(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("original_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["original_id"], ["print_job.id"], name=op.f("fk_print_job_original_id")),
        sa.ForeignKeyConstraint(["printer_id"], ["printer.id"], name=op.f("fk_print_job_printer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
    )
    op.create_index(op.f("ix_print_job_original_id"), "print_job", ["original_id"], unique=False)
    op.create_index(
        op.f("ix_print_job_printer_id_print_job_state_print_job_priority_print_job_id"),
        "print_job",
        ["printer_id", "state", "priority", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_print_job_state"), "print_job", ["state"], unique=False)
    op.create_index(op.f("ix_print_job_subject"), "print_job", ["subject"], unique=False)
    op.create_table(
        "printer_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("printer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["printer_id"], ["printer.id"], name=op.f("fk_printer_event_printer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer_event")),
    )
    op.create_index(
        op.f("ix_printer_event_printer_id_printer_event_id"), "printer_event", ["printer_id", "id"], unique=False
    )
    op.create_table(
        "printer_route",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("sala", sa.String(length=40), nullable=False),
        sa.Column("printer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["printer_id"], ["printer.id"], name=op.f("fk_printer_route_printer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer_route")),
        sa.UniqueConstraint("purpose", "sala", name=op.f("uq_printer_route_purpose_sala")),
    )
    op.create_table(
        "sala",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("timetable", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("preferente_series", sa.String(length=3), nullable=True),
        sa.Column("recalls", sa.Integer(), nullable=False),
        sa.Column("return_minutes", sa.Integer(), nullable=False),
        sa.Column("alert_minutes", sa.Integer(), nullable=False),
        sa.Column("alert_waiting", sa.Integer(), nullable=False),
        sa.Column("tickets_per_phone", sa.Integer(), nullable=False),
        sa.Column("kiosk_welcome", sa.String(length=80), nullable=False),
        sa.Column("closed_message", sa.String(length=120), nullable=False),
        sa.Column("ticket_foot", sa.String(length=120), nullable=False),
        sa.Column("kiosk_languages", sa.JSON(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_sala_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sala")),
        sa.UniqueConstraint("code", name=op.f("uq_sala_code")),
    )
    op.create_table(
        "ticket_counter",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series", sa.String(length=3), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ticket_counter_site_id")),
        sa.PrimaryKeyConstraint("site_id", "series", "day", name=op.f("pk_ticket_counter")),
    )
    op.create_table(
        "tramite",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("area", sa.String(length=160), nullable=False),
        sa.Column("folded", sa.String(length=1000), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["tupa_version.id"], name=op.f("fk_tramite_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tramite")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_tramite_version_id_code")),
    )
    op.create_index(op.f("ix_tramite_version_id"), "tramite", ["version_id"], unique=False)
    op.create_table(
        "treasury_word",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("centimos", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("displaced_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_treasury_word_cabina_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treasury_word")),
    )
    op.create_index(
        "ux_treasury_word_standing",
        "treasury_word",
        ["cabina_id", "subject"],
        unique=True,
        sqlite_where=sa.text("displaced_at IS NULL"),
        postgresql_where=sa.text("displaced_at IS NULL"),
    )
    op.create_table(
        "acto",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expediente_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("resultado", sa.String(length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=160), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["expediente_id"], ["expediente.id"], name=op.f("fk_acto_expediente_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acto")),
        sa.UniqueConstraint("number", name=op.f("uq_acto_number")),
    )
    op.create_index(op.f("ix_acto_expediente_id"), "acto", ["expediente_id"], unique=False)
    op.create_table(
        "agenda",
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("from_hour", sa.String(length=5), nullable=False),
        sa.Column("until_hour", sa.String(length=5), nullable=False),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("early_minutes", sa.Integer(), nullable=False),
        sa.Column("citas_per_phone", sa.Integer(), nullable=False),
        sa.Column("phone_turns", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_agenda_sala_id")),
        sa.PrimaryKeyConstraint("sala_id", name=op.f("pk_agenda")),
    )
    op.create_table(
        "cabin_close",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("z", sa.Integer(), nullable=False),
        sa.Column("expected_centimos", sa.Integer(), nullable=False),
        sa.Column("counted_centimos", sa.Integer(), nullable=False),
        sa.Column("difference_centimos", sa.Integer(), nullable=False),
        sa.Column("municipal_held_centimos", sa.Integer(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("fund_centimos", sa.Integer(), nullable=False),
        sa.Column("shifts", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("operator", sa.String(length=120), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_close_cabina_id")),
        sa.ForeignKeyConstraint(["device_id"], ["cabin_device.id"], name=op.f("fk_cabin_close_device_id")),
        sa.ForeignKeyConstraint(["event_id"], ["inbox_event.id"], name=op.f("fk_cabin_close_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_close")),
        sa.UniqueConstraint("cabina_id", "device_id", "z", name=op.f("uq_cabin_close_cabina_id_device_id_z")),
    )
    op.create_table(
        "cabin_extorno",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("centimos", sa.Integer(), nullable=False),
        sa.Column("motivo", sa.String(length=300), nullable=False),
        sa.Column("operator", sa.String(length=120), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_extorno_cabina_id")),
        sa.ForeignKeyConstraint(["event_id"], ["inbox_event.id"], name=op.f("fk_cabin_extorno_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_extorno")),
    )
    op.create_index(op.f("ix_cabin_extorno_cabina_id"), "cabin_extorno", ["cabina_id"], unique=False)
    op.create_table(
        "cabin_remittance",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("centimos", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("operator", sa.String(length=120), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_remittance_cabina_id")),
        sa.ForeignKeyConstraint(["event_id"], ["inbox_event.id"], name=op.f("fk_cabin_remittance_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_remittance")),
    )
    op.create_index(op.f("ix_cabin_remittance_cabina_id"), "cabin_remittance", ["cabina_id"], unique=False)
    op.create_table(
        "cabin_series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=3), nullable=False),
        sa.Column("centre_epoch", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=False),
        sa.Column("held_seq", sa.Integer(), nullable=False),
        sa.Column("high_year", sa.Integer(), nullable=False),
        sa.Column("high_sequence", sa.Integer(), nullable=False),
        sa.Column("frozen_at", UtcDateTime(), nullable=True),
        sa.Column("frozen_seq", sa.Integer(), nullable=True),
        sa.Column("frozen_why", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_series_cabina_id")),
        sa.ForeignKeyConstraint(["device_id"], ["cabin_device.id"], name=op.f("fk_cabin_series_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_series")),
        sa.UniqueConstraint("cabina_id", "epoch", name=op.f("uq_cabin_series_cabina_id_epoch")),
        sa.UniqueConstraint("cabina_id", "series", name=op.f("uq_cabin_series_cabina_id_series")),
    )
    op.create_table(
        "cabin_shift",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator", sa.String(length=120), nullable=False),
        sa.Column("handed_by", sa.String(length=120), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("expected_centimos", sa.Integer(), nullable=False),
        sa.Column("counted_centimos", sa.Integer(), nullable=False),
        sa.Column("difference_centimos", sa.Integer(), nullable=False),
        sa.Column("fund_centimos", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_cabin_shift_cabina_id")),
        sa.ForeignKeyConstraint(["event_id"], ["inbox_event.id"], name=op.f("fk_cabin_shift_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_shift")),
    )
    op.create_index(op.f("ix_cabin_shift_cabina_id"), "cabin_shift", ["cabina_id"], unique=False)
    op.create_table(
        "charge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expediente_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("concept", sa.String(length=20), nullable=False),
        sa.Column("centimos", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("charged_at", UtcDateTime(), nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["expediente_id"], ["expediente.id"], name=op.f("fk_charge_expediente_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
    )
    op.create_index(op.f("ix_charge_expediente_id"), "charge", ["expediente_id"], unique=False)
    op.create_index("ix_charge_principal", "charge", ["principal", "id"], unique=False)
    op.create_table(
        "documento",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expediente_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("first_folio", sa.Integer(), nullable=False),
        sa.Column("tramite_code", sa.String(length=20), nullable=True),
        sa.Column("due_on", Day(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("media_type", sa.String(length=60), nullable=True),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("name_of_receiver", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["expediente_id"], ["expediente.id"], name=op.f("fk_documento_expediente_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documento")),
        sa.UniqueConstraint("expediente_id", "ordinal", name=op.f("uq_documento_expediente_id_ordinal")),
    )
    op.create_index(op.f("ix_documento_expediente_id"), "documento", ["expediente_id"], unique=False)
    op.create_index(op.f("ix_documento_sha256"), "documento", ["sha256"], unique=False)
    op.create_table(
        "expediente_alias",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("expediente_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["expediente_id"], ["expediente.id"], name=op.f("fk_expediente_alias_expediente_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expediente_alias")),
    )
    op.create_index(op.f("ix_expediente_alias_number"), "expediente_alias", ["number"], unique=False)
    op.create_table(
        "guarantee_decision",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("decider", sa.String(length=40), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["guarantee_order.id"], name=op.f("fk_guarantee_decision_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_guarantee_decision")),
    )
    op.create_table(
        "movimiento",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expediente_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("from_area", sa.String(length=160), nullable=True),
        sa.Column("to_area", sa.String(length=160), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("due_on", Day(), nullable=True),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["expediente_id"], ["expediente.id"], name=op.f("fk_movimiento_expediente_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movimiento")),
    )
    op.create_index(op.f("ix_movimiento_expediente_id"), "movimiento", ["expediente_id"], unique=False)
    op.create_table(
        "observacion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expediente_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("items", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("cured", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("observed_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", Day(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["expediente_id"], ["expediente.id"], name=op.f("fk_observacion_expediente_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observacion")),
    )
    op.create_index(op.f("ix_observacion_expediente_id"), "observacion", ["expediente_id"], unique=False)
    op.create_table(
        "pairing_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_pairing_code_cabina_id")),
        sa.ForeignKeyConstraint(["device_id"], ["cabin_device.id"], name=op.f("fk_pairing_code_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_code")),
        sa.UniqueConstraint("sha256", name=op.f("uq_pairing_code_sha256")),
    )
    op.create_index(op.f("ix_pairing_code_cabina_id"), "pairing_code", ["cabina_id"], unique=False)
    op.create_table(
        "phone_turn",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phone_mark", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_phone_turn_sala_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_turn")),
    )
    op.create_index(op.f("ix_phone_turn_at"), "phone_turn", ["at"], unique=False)
    op.create_index("ix_phone_turn_mark", "phone_turn", ["phone_mark", "at"], unique=False)
    op.create_table(
        "print_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("sent_bytes", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_print_attempt_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_attempt")),
    )
    op.create_index(op.f("ix_print_attempt_job_id"), "print_attempt", ["job_id"], unique=False)
    op.create_table(
        "quarantined_event",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("track_key", sa.String(length=40), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=120), nullable=True),
        sa.Column("settled_how", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_quarantined_event_cabina_id")),
        sa.ForeignKeyConstraint(["event_id"], ["inbox_event.id"], name=op.f("fk_quarantined_event_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_quarantined_event")),
    )
    op.create_index(op.f("ix_quarantined_event_cabina_id"), "quarantined_event", ["cabina_id"], unique=False)
    op.create_index(op.f("ix_quarantined_event_number"), "quarantined_event", ["number"], unique=False)
    op.create_table(
        "rebuilt_filing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paper", sa.String(length=64), nullable=False),
        sa.Column("printed", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("arrived_at", UtcDateTime(), nullable=True),
        sa.Column("differs", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_rebuilt_filing_cabina_id")),
        sa.ForeignKeyConstraint(["event_id"], ["inbox_event.id"], name=op.f("fk_rebuilt_filing_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebuilt_filing")),
        sa.UniqueConstraint("number", name=op.f("uq_rebuilt_filing_number")),
        sa.UniqueConstraint("paper", name=op.f("uq_rebuilt_filing_paper")),
    )
    op.create_index(op.f("ix_rebuilt_filing_cabina_id"), "rebuilt_filing", ["cabina_id"], unique=False)
    op.create_table(
        "refund_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expediente_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("centimos", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["expediente_id"], ["expediente.id"], name=op.f("fk_refund_order_expediente_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_order")),
        sa.UniqueConstraint("expediente_id", name=op.f("uq_refund_order_expediente_id")),
    )
    op.create_table(
        "sala_screen",
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("volumes", sa.JSON(), nullable=False),
        sa.Column("notice", sa.String(length=120), nullable=False),
        sa.Column("image_seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_sala_screen_sala_id")),
        sa.PrimaryKeyConstraint("sala_id", name=op.f("pk_sala_screen")),
    )
    op.create_table(
        "screen_media",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_screen_media_sala_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screen_media")),
    )
    op.create_index(op.f("ix_screen_media_sala_id"), "screen_media", ["sala_id"], unique=False)
    op.create_table(
        "service",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("example", sa.String(length=120), nullable=False),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("group_name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_service_sala_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_service_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_service_site_id_code")),
    )
    op.create_index(op.f("ix_service_sala_id"), "service", ["sala_id"], unique=False)
    op.create_table(
        "valija",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seal", sa.String(length=60), nullable=False),
        sa.Column("carried_by", sa.String(length=120), nullable=False),
        sa.Column("sent_by", sa.String(length=120), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_valija_cabina_id")),
        sa.ForeignKeyConstraint(["event_id"], ["inbox_event.id"], name=op.f("fk_valija_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valija")),
        sa.UniqueConstraint("code", name=op.f("uq_valija_code")),
    )
    op.create_index(op.f("ix_valija_cabina_id"), "valija", ["cabina_id"], unique=False)
    op.create_table(
        "ventanilla",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attends", sa.String(length=20), nullable=False),
        sa.Column("since_general", sa.Integer(), nullable=False),
        sa.Column("clerk", sa.String(length=40), nullable=True),
        sa.Column("clerk_name", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=True),
        sa.Column("state_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_ventanilla_sala_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ventanilla")),
        sa.UniqueConstraint("sala_id", "number", name=op.f("uq_ventanilla_sala_id_number")),
    )
    op.create_table(
        "agenda_exception",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_agenda_exception_sala_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_agenda_exception_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_exception")),
    )
    op.create_index("ix_agenda_exception_day", "agenda_exception", ["sala_id", "day"], unique=False)
    op.create_table(
        "agenda_service",
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_agenda_service_service_id")),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_agenda_service")),
    )
    op.create_table(
        "cabin_lease",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["cabin_series.id"], name=op.f("fk_cabin_lease_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabin_lease")),
    )
    op.create_index(op.f("ix_cabin_lease_series_id"), "cabin_lease", ["series_id"], unique=False)
    op.create_table(
        "code_taken",
        sa.Column("remittance_id", sa.String(length=60), nullable=False),
        sa.Column("cabina_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cabina_id"], ["cabina.id"], name=op.f("fk_code_taken_cabina_id")),
        sa.ForeignKeyConstraint(["event_id"], ["inbox_event.id"], name=op.f("fk_code_taken_event_id")),
        sa.ForeignKeyConstraint(["remittance_id"], ["cabin_remittance.id"], name=op.f("fk_code_taken_remittance_id")),
        sa.PrimaryKeyConstraint("remittance_id", name=op.f("pk_code_taken")),
    )
    op.create_index(op.f("ix_code_taken_cabina_id"), "code_taken", ["cabina_id"], unique=False)
    op.create_table(
        "line_count",
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("preferente", sa.Boolean(), nullable=False),
        sa.Column("only_ventanilla_id", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_line_count_sala_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_line_count_service_id")),
        sa.PrimaryKeyConstraint(
            "sala_id", "service_id", "preferente", "only_ventanilla_id", name=op.f("pk_line_count")
        ),
    )
    op.create_table(
        "refund_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refund_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("concept", sa.String(length=20), nullable=False),
        sa.Column("centimos", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["refund_order_id"], ["refund_order.id"], name=op.f("fk_refund_line_refund_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_line")),
        sa.UniqueConstraint("refund_order_id", "concept", name=op.f("uq_refund_line_refund_order_id_concept")),
    )
    op.create_index("ix_refund_line_principal", "refund_line", ["principal", "id"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series", sa.String(length=3), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("preferente", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("state_at", UtcDateTime(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("turn_at", UtcDateTime(), nullable=False),
        sa.Column("slot_at", UtcDateTime(), nullable=True),
        sa.Column("ventanilla_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("only_ventanilla_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("attended_s", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("print_job", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["only_ventanilla_id"], ["ventanilla.id"], name=op.f("fk_ticket_only_ventanilla_id")),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_ticket_sala_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_ticket_service_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ticket_site_id")),
        sa.ForeignKeyConstraint(["ventanilla_id"], ["ventanilla.id"], name=op.f("fk_ticket_ventanilla_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("site_id", "series", "day", "number", name=op.f("uq_ticket_site_id_series_day_number")),
        sa.UniqueConstraint("token", name=op.f("uq_ticket_token")),
    )
    op.create_index("ix_ticket_day", "ticket", ["day", "sala_id", "service_id"], unique=False)
    op.create_index(
        "ix_ticket_held",
        "ticket",
        ["ventanilla_id"],
        unique=False,
        sqlite_where=sa.text("state = 'en_pausa'"),
        postgresql_where=sa.text("state = 'en_pausa'"),
    )
    op.create_index(
        "ix_ticket_line",
        "ticket",
        ["sala_id", "preferente", "turn_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'en_espera'"),
        postgresql_where=sa.text("state = 'en_espera'"),
    )
    op.create_index(
        "ix_ticket_reserved",
        "ticket",
        ["only_ventanilla_id"],
        unique=False,
        sqlite_where=sa.text("state = 'en_espera' AND only_ventanilla_id IS NOT NULL"),
        postgresql_where=sa.text("state = 'en_espera' AND only_ventanilla_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_unfinished",
        "ticket",
        ["sala_id", "state_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('en_espera', 'llamado', 'en_atencion', 'en_pausa', 'ausente')"),
        postgresql_where=sa.text("state IN ('en_espera', 'llamado', 'en_atencion', 'en_pausa', 'ausente')"),
    )
    op.create_index(
        "ix_ticket_waiting",
        "ticket",
        ["sala_id", "service_id", "preferente", "only_ventanilla_id", "turn_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'en_espera'"),
        postgresql_where=sa.text("state = 'en_espera'"),
    )
    op.create_index(
        "uq_ticket_open_turn",
        "ticket",
        ["ventanilla_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('llamado', 'en_atencion')"),
        postgresql_where=sa.text("state IN ('llamado', 'en_atencion')"),
    )
    op.create_table(
        "valija_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valija_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("folios", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=True),
        sa.Column("received_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["valija_id"], ["valija.id"], name=op.f("fk_valija_item_valija_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valija_item")),
        sa.UniqueConstraint("valija_id", "number", name=op.f("uq_valija_item_valija_id_number")),
    )
    op.create_index(op.f("ix_valija_item_number"), "valija_item", ["number"], unique=False)
    op.create_index(
        "valija_item_awaited",
        "valija_item",
        ["valija_id"],
        unique=False,
        sqlite_where=sa.text("received_at IS NULL"),
        postgresql_where=sa.text("received_at IS NULL"),
    )
    op.create_table(
        "ventanilla_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ventanilla_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attends", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=True),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ventanilla_id"], ["ventanilla.id"], name=op.f("fk_ventanilla_move_ventanilla_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ventanilla_move")),
    )
    op.create_index(op.f("ix_ventanilla_move_ventanilla_id"), "ventanilla_move", ["ventanilla_id"], unique=False)
    op.create_table(
        "ventanilla_service",
        sa.Column("ventanilla_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_ventanilla_service_service_id")),
        sa.ForeignKeyConstraint(["ventanilla_id"], ["ventanilla.id"], name=op.f("fk_ventanilla_service_ventanilla_id")),
        sa.PrimaryKeyConstraint("ventanilla_id", "service_id", name=op.f("pk_ventanilla_service")),
    )
    op.create_table(
        "cita",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot_at", UtcDateTime(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_at", UtcDateTime(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("preferente", sa.Boolean(), nullable=False),
        sa.Column("phone_mark", sa.String(length=64), nullable=True),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_cita_sala_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_cita_service_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_cita_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cita")),
        sa.UniqueConstraint("token", name=op.f("uq_cita_token")),
    )
    op.create_index(op.f("ix_cita_code"), "cita", ["code"], unique=False)
    op.create_index("ix_cita_day", "cita", ["sala_id", "slot_at"], unique=False)
    op.create_index(
        "ix_cita_phone",
        "cita",
        ["phone_mark"],
        unique=False,
        sqlite_where=sa.text("state = 'reservada'"),
        postgresql_where=sa.text("state = 'reservada'"),
    )
    op.create_index(
        "uq_cita_code",
        "cita",
        ["code"],
        unique=True,
        sqlite_where=sa.text("state = 'reservada'"),
        postgresql_where=sa.text("state = 'reservada'"),
    )
    op.create_index(
        "uq_cita_seat",
        "cita",
        ["service_id", "slot_at", "seat"],
        unique=True,
        sqlite_where=sa.text("state IN ('reservada', 'presentada')"),
        postgresql_where=sa.text("state IN ('reservada', 'presentada')"),
    )
    op.create_table(
        "llamado",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ventanilla_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("called_on", Day(), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_llamado_sala_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_llamado_ticket_id")),
        sa.ForeignKeyConstraint(["ventanilla_id"], ["ventanilla.id"], name=op.f("fk_llamado_ventanilla_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llamado")),
        sa.UniqueConstraint("sala_id", "seq", name=op.f("uq_llamado_sala_id_seq")),
    )
    op.create_index(op.f("ix_llamado_ticket_id"), "llamado", ["ticket_id"], unique=False)
    op.create_table(
        "opinion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ventanilla_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clerk", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("face", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("given_on", Day(), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_opinion_sala_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_opinion_service_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_opinion_ticket_id")),
        sa.ForeignKeyConstraint(["ventanilla_id"], ["ventanilla.id"], name=op.f("fk_opinion_ventanilla_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_opinion_ticket_id")),
    )
    op.create_index("ix_opinion_of_sala", "opinion", ["sala_id", "given_on"], unique=False)
    op.create_table(
        "preferente_complaint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sala_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ventanilla_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.String(length=40), nullable=False),
        sa.Column("noted_by_name", sa.String(length=120), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_on", Day(), nullable=False),
        sa.ForeignKeyConstraint(["sala_id"], ["sala.id"], name=op.f("fk_preferente_complaint_sala_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_preferente_complaint_ticket_id")),
        sa.ForeignKeyConstraint(
            ["ventanilla_id"], ["ventanilla.id"], name=op.f("fk_preferente_complaint_ventanilla_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preferente_complaint")),
        sa.UniqueConstraint("sala_id", "year", "number", name=op.f("uq_preferente_complaint_sala_id_year_number")),
    )
    op.create_index("ix_preferente_complaint_day", "preferente_complaint", ["sala_id", "noted_on"], unique=False)
    op.create_table(
        "ticket_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=24), nullable=True),
        sa.Column("to_state", sa.String(length=24), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ventanilla_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_ticket_move_service_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_move_ticket_id")),
        sa.ForeignKeyConstraint(["ventanilla_id"], ["ventanilla.id"], name=op.f("fk_ticket_move_ventanilla_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_move")),
    )
    op.create_index("ix_ticket_move_at", "ticket_move", ["at", "move"], unique=False)
    op.create_index("ix_ticket_move_seconds", "ticket_move", ["move", "service_id", "id"], unique=False)
    op.create_index(op.f("ix_ticket_move_ticket_id"), "ticket_move", ["ticket_id"], unique=False)
    op.create_table(
        "aviso",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cita_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cita_id"], ["cita.id"], name=op.f("fk_aviso_cita_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aviso")),
    )
    op.create_index(op.f("ix_aviso_cita_id"), "aviso", ["cita_id"], unique=False)
    op.create_index("ix_aviso_due", "aviso", ["state", "due_at"], unique=False)
    op.create_table(
        "cita_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cita_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("slot_at", UtcDateTime(), nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cita_id"], ["cita.id"], name=op.f("fk_cita_move_cita_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cita_move")),
    )
    op.create_index(op.f("ix_cita_move_cita_id"), "cita_move", ["cita_id"], unique=False)
    op.create_table(
        "preferente_answer",
        sa.Column("complaint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("given_by_name", sa.String(length=120), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["preferente_complaint.id"], name=op.f("fk_preferente_answer_complaint_id")
        ),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_preferente_answer")),
    )
    _keep_append_only()
    for statement in SEARCH[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def _keep_append_only() -> None:
    bind = op.get_bind()
    for name, set_once in APPEND_ONLY.items():
        table = sa.Table(name, sa.MetaData(), autoload_with=bind)
        for statement in append_only_sql(table, dialect=bind.dialect.name, set_once=set_once):
            bind.exec_driver_sql(statement)
