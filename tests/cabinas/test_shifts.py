"""Operators' shifts: the change fund, the blind counts, the drawer handed over with both PINs, each shift on the Z."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from cabinas.filing.actions import file
from cabinas.filing.models import Expediente
from cabinas.money import queries
from cabinas.operators.actions import add_operator, hash_pin
from cabinas.outbox.models import EventRow
from cabinas.paper.models import PrintJob
from cabinas.shifts import actions
from cabinas.shifts.models import Shift
from cabinas.shifts.queries import DrawerOfAnother, open_shift
from cabinas.till import Till
from core import ledger, wire
from core.clock import now_utc
from core.ledger import Account, EntryKind
from intake.request import FilingRequest
from printing.decoder import decode
from tests.cabinas.conftest import Cabin, csrf, filing, later, send
from tests.cabinas.test_money import sound
from web.access import Principal

NIGHT_PIN = hash_pin("turno-noche", login="noche")
FIFTY = {"hay_2000": 2, "hay_500": 2}  # S/ 50


@pytest.fixture
def both(cabin: Cabin, operator: FlaskClient) -> FlaskClient:
    """The till's pages, signed in as Elva R. (cabina1); Rosa T. (noche) works here too."""
    cabin.store.write(add_operator, login="noche", name="Rosa T.", pin_hash=NIGHT_PIN, by="Elva R.", now=now_utc())
    return operator


def open_with(http: FlaskClient, fund: str = "50.00", **counts: int) -> object:
    return send(http, "/turno", "/turnos", fondo=fund, **(counts or FIFTY))


def hand(http: FlaskClient, *, gives: str = "demo-cabina", pin: str = "turno-noche", to: str = "noche", **counts: int):
    return send(http, "/turno", "/turnos/entregas", pin_entrega=gives, recibe=to, pin_recibe=pin, **counts)


def holder(cabin: Cabin) -> str | None:
    with cabin.store.read() as session:
        shift = open_shift(session)
        return shift.operator if shift else None


def test_a_shift_opens_with_its_change_fund_which_is_never_municipal_money(cabin: Cabin, both: FlaskClient):
    assert "Nadie tiene la caja a su cargo" in both.get("/").text
    assert open_with(both).status_code == 303
    balance = sound(cabin)
    assert (balance[Account.CASH], ledger.change_fund(balance)) == (5_000, 5_000)
    assert cabin.held == 0, "the fund is no municipal money and does not count against the guarantee"
    assert holder(cabin) and "está a su cargo" in both.get("/").text
    cabin.file()
    refused = cabin.post("/remesas", {"centimos": 1_501, "reference": "BN"})
    assert refused.json["code"] == "remesa.mas_que_la_caja" and "fondo de cambio" in refused.json["detail"]
    assert cabin.post("/remesas", {"centimos": 1_100, "reference": "BN"}).status_code == 201


def test_the_count_is_blind_and_its_difference_is_told_after(cabin: Cabin, both: FlaskClient):
    open_with(both)
    cabin.file()
    page = both.get("/turno").text
    assert "65.00" not in page and "Contado" in page
    told = hand(both, hay_5000=1, hay_1000=1, hay_100=4, hay_50=1)  # 64.50
    assert told.status_code == 303 and "Faltan S/ 0.50" in both.get("/turno").text
    assert sound(cabin)[Account.COUNT_DIFFERENCE] == 50


def test_the_drawer_changes_hands_only_with_both_pins(cabin: Cabin, both: FlaskClient):
    open_with(both)
    first = holder(cabin)
    for wrong in ({"gives": "nada"}, {"pin": "nada"}, {"to": "nadie"}):
        refused = hand(both, **FIFTY, **wrong)
        assert refused.status_code == 422 and "no coincide" in refused.text
        assert holder(cabin) == first
    assert hand(both, to="cabina1", pin="demo-cabina", **FIFTY).status_code == 409, (
        "nobody hands the drawer to themselves"
    )
    assert hand(both, **FIFTY).status_code == 303
    assert holder(cabin) == "Rosa T."
    assert "Rosa T." in both.get("/").text, "the page is hers now"


def test_whoever_handed_the_drawer_over_takes_no_money_any_more(cabin: Cabin, both: FlaskClient):
    open_with(both)
    cabin.file()
    hand(both, hay_5000=1, hay_1000=1, hay_500=1)
    both.post("/salir", data={"csrf_token": csrf(both.get("/"))})
    both.post("/entrar", data={"csrf_token": csrf(both.get("/entrar")), "usuario": "cabina1", "pin": "demo-cabina"})
    assert "a cargo de <b>Rosa T.</b>" in both.get("/").text
    refused = send(both, "/caja", "/remesas", importe="1.00", referencia="BN")
    assert refused.status_code == 409 and "Rosa T." in refused.text
    form = {"tramite": "RC-01", "document_type": "DNI", "document_number": "10117410", "name": "Nélida"}
    assert send(both, "/nuevo?tramite=RC-01", "/nuevo", method="efectivo", **form).status_code == 409
    assert send(both, "/cierre", "/cierres", hay_5000=1).status_code == 303, "anybody may count and close"


def test_the_drawer_that_changes_hands_after_the_press_is_seen_by_the_write(
    cabin: Cabin, both: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    open_with(both)

    def takes_it_meanwhile(_: Till) -> None:
        with cabin.store.read() as session:
            if open_shift(session).operator != "Rosa T.":
                hands = {"giver": open_shift(session).operator, "taker": "Rosa T.", "counts": {"2000": 2, "500": 2}}
                cabin.store.write(actions.hand_over, **hands, device=cabin.device, now=now_utc())

    monkeypatch.setattr(Till, "refuse_without_space", takes_it_meanwhile)  # all that a route asks before its write
    form = {"tramite": "RC-01", "document_type": "DNI", "document_number": "10117410", "name": "Nélida"}
    refused = send(both, "/nuevo?tramite=RC-01", "/nuevo", method="efectivo", **form)
    assert refused.status_code == 409 and "Rosa T." in refused.text
    with cabin.store.read() as session:
        assert session.scalar(select(Expediente.id)) is None, "no number, no case, no money"


def test_cash_is_charged_only_by_who_has_the_drawer_while_it_goes_from_hand_to_hand(cabin: Cabin, both: FlaskClient):
    open_with(both, fund="", hay_10=0)
    elva = Principal("staff", 1, holder(cabin) or "", "operador")
    rosa = Principal("staff", 2, "Rosa T.", "operador")
    request = FilingRequest.model_validate(filing())

    def file_many(who: Principal) -> int:
        refused = 0
        for _ in range(12):
            try:
                cabin.store.write(file, request, principal=who, device=cabin.device, now=now_utc())
            except DrawerOfAnother:
                refused += 1
        return refused

    def swap() -> None:
        for giver, taker in 4 * [(elva, rosa), (rosa, elva)]:
            hands = {"giver": giver.name, "taker": taker.name, "counts": {}}
            cabin.store.write(actions.hand_over, **hands, device=cabin.device, now=now_utc())

    with ThreadPoolExecutor(3) as threads:
        filed = [threads.submit(file_many, who) for who in (elva, rosa)]
        threads.submit(swap).result()
    with cabin.store.read() as session:
        shifts = list(session.scalars(select(Shift).order_by(Shift.id)))
        cases = list(session.scalars(select(Expediente).order_by(Expediente.id)))
    assert len(cases) == 24 - sum(one.result() for one in filed)
    for case in cases:
        had = [shift.operator for shift in shifts if shift.last_expediente_id < case.id][-1]
        assert case.operator == had, case.number


def test_a_program_works_for_whoever_has_the_drawer(cabin: Cabin, both: FlaskClient):
    open_with(both)
    hand(both, **FIFTY)
    filed = cabin.file()
    assert filed.status_code == 201, "its calls need no shift of their own"
    assert cabin.get(f"/expedientes/{filed.json['number']}").json["operator"] == "Elva R."  # as its token is named
    cabin.post("/cierres", {"counts": {"5000": 1, "1000": 1, "500": 1}})
    with cabin.store.read() as session:
        told = queries.last_cierre(session).shifts[-1]
    assert (told["operator"], told["filings"], told["difference_centimos"]) == ("Rosa T.", 1, 0)


def test_where_shifts_are_compulsory_no_cash_moves_in_nobodys(cabin: Cabin, both: FlaskClient):
    first = cabin.file().json["number"]
    assert send(both, "/turno", "/turnos/reglas", obligatorio="si").status_code == 303
    assert "Lo dijo Elva Rojas" in both.get("/turno").text
    for refused in (
        cabin.file(),
        cabin.post("/remesas", {"centimos": 100, "reference": "BN"}),
        cabin.post("/extornos", {"number": first, "motivo": "se equivocó"}),
    ):
        assert refused.status_code == 409 and refused.json["code"] == "turno.sin_abrir", refused.json
        assert "Abra su turno" in refused.json["detail"]
    form = {"tramite": "RC-01", "document_type": "DNI", "document_number": "10117410", "name": "Nélida"}
    assert "Abra su turno" in both.get("/nuevo?tramite=RC-01").text, "said before the form is filled in"
    assert send(both, "/nuevo?tramite=RC-01", "/nuevo", method="efectivo", **form).status_code == 409
    assert send(both, "/turno", "/fondos", que=EntryKind.OWN_TAKEN, importe="4.00").status_code == 409
    open_with(both, fund="", hay_1000=1, hay_500=1)
    assert cabin.file().status_code == 201
    assert send(both, "/nuevo?tramite=RC-01", "/nuevo", method="efectivo", **form).status_code == 303
    send(both, "/turno", "/turnos/reglas", obligatorio="no")
    cabin.post("/cierres", {"counts": {"2000": 2, "500": 1}})
    assert cabin.file().status_code == 201, "the responsible let it again"


def test_a_paper_without_cash_is_received_whoever_has_the_drawer(cabin: Cabin, both: FlaskClient):
    send(both, "/turno", "/turnos/reglas", obligatorio="si")
    free = cabin.file("SG-01", payment=None)
    assert free.status_code == 201, free.json


def test_only_who_answers_for_the_cabin_rules_its_shifts(cabin: Cabin, both: FlaskClient):
    both.post("/salir", data={"csrf_token": csrf(both.get("/"))})
    both.post("/entrar", data={"csrf_token": csrf(both.get("/entrar")), "usuario": "noche", "pin": "turno-noche"})
    page = both.get("/turno")
    assert "Exigir turno" not in page.text and "puede exigir el turno" in page.text
    data = {"csrf_token": csrf(page), "obligatorio": "si"}
    assert both.post("/turnos/reglas", data=data).status_code == 403


def test_each_shifts_figures_are_on_the_z_and_in_its_signed_event(cabin: Cabin, both: FlaskClient):
    open_with(both)
    cabin.file()
    later(hours=4)
    hand(both, hay_5000=1, hay_1000=1, hay_200=2)  # S/ 64: one sol short, Elva's
    cabin.file()
    cabin.file()
    later(hours=4)
    assert send(both, "/cierre", "/cierres", hay_5000=1, hay_2000=2, hay_200=2).status_code == 303  # S/ 94: it agrees
    with cabin.store.read() as session:
        z = queries.last_cierre(session)
        job = session.scalars(select(PrintJob.data).where(PrintJob.subject == "Z1")).one()
        event = session.scalars(select(EventRow.signed).where(EventRow.kind == "cierre_z")).one()
    paper = decode(job).text
    assert "TURNO 2: Rosa T." in paper and "Falta" in paper and "Fondo de cambio" in paper
    told = wire.parse_payload(wire.Event.model_validate_json(event).payload)
    assert isinstance(told, wire.DayClosed) and [part.plain() for part in told.shifts] == z.shifts
    figures = [
        (p.operator, p.filings, p.municipal_centimos, p.service_centimos, p.difference_centimos) for p in told.shifts
    ]
    assert figures == [(told.shifts[0].operator, 1, 1_100, 400, -100), ("Rosa T.", 2, 2_200, 800, 0)]
    assert told.shifts[0].own_centimos == 5_000 and (told.fund_centimos, told.difference_centimos) == (5_000, 0)
    assert holder(cabin) is None, "the Z ends the shift"
    assert "Turnos de este cierre" in both.get("/cierres/1").text
    sound(cabin)


def test_what_was_charged_with_no_shift_open_is_told_as_nobodys(cabin: Cabin, both: FlaskClient):
    cabin.file()
    open_with(both, fund="", hay_1000=1, hay_500=1)
    cabin.file()
    cabin.post("/cierres", {"counts": {"2000": 1, "1000": 1}})
    with cabin.store.read() as session:
        shifts = queries.last_cierre(session).shifts
    assert [(part["operator"], part["filings"]) for part in shifts] == [("", 1), (shifts[1]["operator"], 1)]


def test_the_partner_takes_out_its_fund_and_its_service_and_nothing_else(cabin: Cabin, both: FlaskClient):
    open_with(both)
    cabin.file()
    for move, amount in ((EntryKind.OWN_TAKEN, "4.01"), (EntryKind.CHANGE_FUND_TAKEN, "50.01"), ("otra_cosa", "1.00")):
        assert send(both, "/turno", "/fondos", que=move, importe=amount).status_code in (409, 422)
    assert send(both, "/turno", "/fondos", que=EntryKind.OWN_TAKEN, importe="4.00").status_code == 303
    assert send(both, "/turno", "/fondos", que=EntryKind.CHANGE_FUND_TAKEN, importe="50.00").status_code == 303
    balance = sound(cabin)
    assert (balance[Account.CASH], ledger.change_fund(balance), cabin.held) == (1_100, 0, 1_100)
    assert ledger.own_service_in_drawer(balance) == 0


def test_a_second_opening_is_refused_and_a_shift_is_never_edited(cabin: Cabin, both: FlaskClient):
    open_with(both)
    assert open_with(both, fund="").status_code == 409
    with pytest.raises(actions.SameOperator):
        cabin.store.write(
            actions.hand_over, giver=holder(cabin), taker=holder(cabin), counts={}, device=cabin.device, now=now_utc()
        )
    for change in ("UPDATE shift SET operator = 'otro'", "DELETE FROM shift"):
        with pytest.raises(SQLAlchemyError):
            cabin.store.write(lambda session, change=change: session.execute(text(change)))
