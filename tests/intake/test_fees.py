from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.fees import CabinFee, PaymentInvalid, fee_of, settle
from intake.tupa import parse_tupa

TRAMITES = {e.tramite.code: e.tramite for e in parse_tupa(Path("data/tupa.json").read_text(encoding="utf-8")).entries}
BIRTH, SIMPLE, SHOW, INFORMATION = (TRAMITES[code] for code in ("RC-01", "SG-08", "LF-11", "SG-01"))


def lines(charges):
    return [(line.concept, line.centimos) for line in charges.lines]


def test_cash_rounds_down_once_on_its_own_line_and_a_card_is_exact():
    cash, _ = settle(4847, BIRTH, method="efectivo")
    assert lines(cash) == [("derecho", 4847), ("redondeo", -7)]
    assert (cash.total_centimos, cash.municipal_centimos, cash.rounding_centimos) == (4840, 4840, 7)
    card, _ = settle(4847, BIRTH, method="tarjeta")
    assert lines(card) == [("derecho", 4847)]
    assert card.total_centimos == 4847


def test_a_cabin_shows_two_fees_and_owes_the_municipality_only_its_own():
    charges, payment = settle(1100, BIRTH, method="efectivo", cabin_fee=CabinFee())
    assert lines(charges) == [("derecho", 1100), ("servicio_cabina", 400)]
    assert (charges.total_centimos, charges.municipal_centimos, charges.cabin_centimos) == (1500, 1100, 400)
    assert payment.state == "pagado"


def test_what_is_free_by_law_stays_free_at_a_cabin():
    charges, payment = settle(0, SIMPLE, method=None, cabin_fee=CabinFee(bearer="citizen"))
    assert (charges.lines, charges.total_centimos, charges.cabin_borne_centimos, payment) == ((), 0, 400, None)


@given(
    fee=st.integers(0, 100_000),
    service=st.integers(0, 1_000),
    method=st.sampled_from(["efectivo", "tarjeta", "banco"]),
)
def test_rounding_lowers_the_municipal_line_and_never_the_cabins(fee, service, method):
    charges, _ = settle(fee, BIRTH, method=method, cabin_fee=CabinFee(centimos=service))
    assert charges.cabin_centimos == service
    assert 0 <= charges.rounding_centimos <= min(9, fee)
    assert charges.municipal_centimos == fee - charges.rounding_centimos
    assert charges.total_centimos == fee + service - charges.rounding_centimos
    if method == "efectivo" and fee >= 10:
        assert charges.total_centimos % 10 == 0


def test_variants_and_quantities_are_the_published_ones():
    assert fee_of(SHOW, variant=None, quantity=1) == 19328
    assert fee_of(SHOW, variant="3", quantity=1) == 10286
    assert fee_of(INFORMATION, variant="1", quantity=25) == 250
    assert fee_of(BIRTH, variant=None, quantity=3) == 3300
    with pytest.raises(PaymentInvalid):
        fee_of(SHOW, variant="4", quantity=1)


def test_a_fee_asks_how_it_is_paid():
    with pytest.raises(PaymentInvalid) as refused:
        settle(1100, BIRTH, method=None)
    assert refused.value.extra == {"field": "payment"}
    with pytest.raises(PaymentInvalid):
        settle(1100, BIRTH, method="exonerado")


def test_an_exemption_charges_nothing_and_keeps_its_reason():
    charges, payment = settle(1100, BIRTH, method="exonerado", motivo="Ley 29973")
    assert charges.total_centimos == 0
    assert (payment.state, payment.motivo) == ("exonerado", "Ley 29973")


def test_a_bank_payment_without_its_slip_is_pending():
    assert settle(1100, BIRTH, method="banco")[1].state == "pendiente"
    assert settle(1100, BIRTH, method="banco", reference="0012904")[1].state == "pagado"


def test_an_exemption_at_a_cabin_leaves_its_service():
    charges, _ = settle(1107, BIRTH, method="exonerado", motivo="x", cabin_fee=CabinFee())
    assert lines(charges) == [("servicio_cabina", 400)]
    municipality = replace(BIRTH, cabin_fee_bearer="municipality")
    assert settle(1107, municipality, method="tarjeta", cabin_fee=CabinFee())[0].cabin_borne_centimos == 400
