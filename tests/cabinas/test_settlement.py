"""The till's own settlement: its page, its files, its closes."""

from __future__ import annotations

import io

from flask.testing import FlaskClient
from pypdf import PdfReader

from tests.cabinas.conftest import Cabin
from tests.cabinas.stand_in import StandIn


def test_the_till_settles_its_own_period_and_gives_its_files(cabin: Cabin, operator: FlaskClient, centre: StandIn):
    cabin.file()
    cabin.file()
    sent = cabin.post("/remesas", {"centimos": 1_500, "reference": "BN 001"}).json["id"]
    cabin.talk()
    centre.confirm("remesa_confirmada", sent, 1_400)
    cabin.talk()
    assert cabin.post("/cierres", {"counts": {"1000": 1, "500": 1, "100": 1}}).status_code == 201
    page = operator.get("/liquidacion").text
    for words in ("Derechos cobrados en efectivo</dt><dd>S/ 22.00", "Remesas confirmadas</dt><dd>S/ -14.00", "Z 1"):
        assert words in page
    assert '<dd class="total">S/ 8.00' in page
    pdf = operator.get("/liquidacion/pdf")
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf.data)).pages)
    assert "BN 001" in text and "confirmada" in text and "14.00" in text
    assert operator.get("/liquidacion/xlsx").data.startswith(b"PK")
    assert "Liabilities:C01:Municipalidad:PorRemitir  -8.00 PEN" in operator.get("/liquidacion/beancount").text
    assert "= -8.00 PEN" in operator.get("/liquidacion/journal").text
    assert operator.get("/liquidacion/exe").status_code == 404
    assert operator.get("/liquidacion?desde=2026-12-01&hasta=2026-11-01").status_code == 422
