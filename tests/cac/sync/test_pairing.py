"""A PC becomes a cabin by a code that a person types once."""

from __future__ import annotations

import stat
from datetime import timedelta
from uuid import uuid4

import pytest

from cac.access.actions import SYSTEM
from cac.sync import actions
from cac.sync.demo import seed_cabina
from cac.sync.keys import centre_key
from core import wire
from core.clock import now_utc
from core.errors import Invalid
from tests.cac.cabinas import Till


def test_a_code_gives_the_pc_its_series_its_catalogue_and_the_centres_key(till):
    assert (till.lease.point, till.lease.first, till.lease.last) == ("C01A", 1, 500)
    assert till.lease.device_key == wire.public_text(till.key)
    assert till.lease.valid_until - till.lease.valid_from == timedelta(days=7)
    assert till.catalogue.convenio.guarantee_centimos == 30_000


def test_a_lost_answer_is_given_again_to_the_same_key_only(app, tupa, convenio, centre_public):
    code, key = convenio("C01"), uuid4().hex
    till = Till(app.test_client(), "C01", centre_public)
    first, again = till.pair(code, idempotency_key=key), till.pair(code)
    assert (first.status_code, again.status_code) == (201, 201)
    assert till.lease.epoch == 1
    other = Till(app.test_client(), "C01", centre_public).pair(code)
    assert (other.status_code, other.json["code"]) == (409, "cabina.codigo_usado")


def test_an_unknown_and_an_expired_code_are_404(app, tupa, convenio, store, centre_public):
    convenio("C01")
    old = store.write(
        actions.give_pairing_code,
        "C01",
        centre_key=centre_public,
        principal=SYSTEM,
        now=now_utc() - timedelta(days=3),
    )
    for code in (old, wire.pairing_code("ABCDEFGH", centre_public)):
        answer = Till(app.test_client(), "C01", centre_public).pair(code)
        assert (answer.status_code, answer.json["code"]) == (404, "cabina.codigo_desconocido")


def test_guessing_codes_is_stopped(app, tupa, centre_public):
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    answers = [
        Till(client, "C01", centre_public).pair(wire.pairing_code(f"ZZZZ{n:04d}", centre_public)).status_code
        for n in range(31)
    ]
    assert answers[:30] == [404] * 30 and answers[30] == 429


def test_a_new_pc_replaces_the_old_one_and_takes_other_letters(till, store, app, centre_public):
    code = store.write(actions.give_pairing_code, "C01", centre_key=centre_public, principal=SYSTEM, now=now_utc())
    new = Till(app.test_client(), "C01", centre_public)
    new.pair(code)
    assert (new.lease.epoch, new.lease.series) == (2, "B")
    till.file()
    late = till.sync(need="renovar")
    assert (late.last_seq, late.lease) == (1, None)
    new.file()
    assert new.sync().last_seq == 1


def test_the_same_pc_may_be_paired_again_unless_its_key_is_revoked_or_in_two_places(till, store, centre_public):
    def code() -> str:
        return store.write(actions.give_pairing_code, "C01", centre_key=centre_public, principal=SYSTEM, now=now_utc())

    assert till.pair(code()).status_code == 201 and till.lease.series == "B"
    clone = till.clone()
    till.remit(100)
    clone.remit(200)
    till.sync()
    clone.sync()
    refused = till.pair(code())
    assert (refused.status_code, refused.json["code"]) == (409, "cabina.clave_no_admitida")


def test_two_cabins_never_share_a_point(app, tupa, convenio, centre_public):
    points = set()
    for code in ("C01", "C02", "C110"):
        till = Till(app.test_client(), code, centre_public)
        till.pair(convenio(code))
        points.add(till.lease.point)
    assert points == {"C01A", "C02A", "C110A"}


def test_the_centres_key_is_made_once_and_only_its_owner_reads_it(settings):
    key = centre_key(settings.keys_dir)
    centre_key.cache_clear()
    assert wire.public_text(centre_key(settings.keys_dir)) == wire.public_text(key)
    path = settings.keys_dir / "centro.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_administrator_signs_a_convenio_and_gives_its_code(caller, app, tupa, centre_public):
    admin = caller("admin")
    terms = {"code": "C05", "name": "Cabina 5", "partner": "Cinco S.A.C.", "ruc": "20512333797"}
    assert admin.post("/cabinas", terms).status_code == 201
    assert admin.post("/cabinas", terms).json["code"] == "cabina.repetida"
    assert admin.post("/cabinas", terms | {"code": "C06", "ruc": "20512333798"}).status_code == 422
    code = admin.post("/cabinas/C05/codigos").json["code"]
    assert Till(app.test_client(), "C05", centre_public).pair(code).status_code == 201
    assert admin.post("/cabinas/C05/revocaciones", {"motivo": "robada"}).status_code == 201


def test_the_demonstration_has_a_cabin_and_a_code(store, settings, tupa, app, centre_public, caller):
    code = store.write(seed_cabina, key=centre_key(settings.keys_dir), now=now_utc())
    till = Till(app.test_client(), "C01", centre_public)
    assert till.pair(code).status_code == 201
    seen = caller("tesoreria").get("/cabinas/C01").json
    assert (seen["name"], seen["balances"]["garantia.en_tesoreria"]) == ("Internet Los Sauces", 30_000)
    kinds = [wire.open_sealed(centre_public, word, wire.Confirmation).kind for word in till.sync([]).confirmations]
    assert kinds == ["garantia_depositada"]


def test_no_cabin_may_have_the_code_of_practice(store, convenio):
    with pytest.raises(Invalid):
        convenio(wire.TRAINING_CABINA)
    assert convenio("C100")
