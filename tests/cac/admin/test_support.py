"""What the administrator tells every cabin: whom its operator calls, and the version of the program to be."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cac.audit.models import AuditEntry
from core import wire
from tests.cac.cabinas import centre_public, convenio, till, tupa

__all__ = ["centre_public", "convenio", "till", "tupa"]

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FORM = {
    "cac": "(076) 362 201",
    "treasury": " 076 362 201  anexo 14 ",
    "support": "+51 976 000 114",
    "release": "v1.2",
    "release_commit": COMMIT.upper(),
}


@pytest.fixture
def admin(person):
    return person("admin")


def heard(till) -> wire.Catalogue:
    return wire.open_sealed(till.centre, till.sync([], catalogue_version="").catalogue, wire.Catalogue)


def test_every_cabin_hears_of_them_signed_and_each_change_is_in_the_log(till, admin, store):
    assert heard(till).release is None and heard(till).phones == wire.Phones()
    before = heard(till).version
    answer = admin.post("/admin/cabinas/apoyo", FORM, follow_redirects=True)
    assert answer.status_code == 200 and "Cada cabina lo recibe" in answer.text and COMMIT in answer.text
    told = heard(till)
    assert told.version != before
    assert told.phones == wire.Phones(cac="(076) 362 201", treasury="076 362 201 anexo 14", support="+51 976 000 114")
    assert told.release == wire.Release(name="v1.2", commit=COMMIT)
    admin.post("/admin/cabinas/apoyo", FORM | {"release": "", "release_commit": "", "support": ""})
    assert heard(till).release is None and heard(till).phones.support == ""
    with store.read() as session:
        logged = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "cabina.apoyo")).all()
    assert f"huella de la versión: ninguno → {COMMIT}" in logged[0] and "anexo" not in logged[1]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("cac", "pregunte a Rosa", "que se pueda marcar"),
        ("support", "12345", "que se pueda marcar"),
        ("treasury", "076 362 201 <b>", "que se pueda marcar"),
        ("treasury", "0" * 41, "hasta 40"),
        ("release_commit", COMMIT[:10], "entera"),
        ("release_commit", "main", "entera"),
        ("release_commit", "", "o ninguno de los dos"),
        ("release", "", "o ninguno de los dos"),
    ],
)
def test_what_nobody_could_dial_or_check_is_refused_beside_its_field(till, admin, field, typed, said):
    answer = admin.post("/admin/cabinas/apoyo", FORM | {field: typed})
    assert answer.status_code == 422 and said in answer.text
    assert heard(till).phones == wire.Phones()
