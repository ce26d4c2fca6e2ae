"""One of each paper, as a municipality would print it: for a preview before there is any, and for the tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from printing.papers import (
    CalibrationPaper,
    CargoPaper,
    Charge,
    Closing,
    Paper,
    Payment,
    ReceiptPaper,
    Remittance,
    SettlementPaper,
    TicketPaper,
    ValijaItem,
    ValijaPaper,
    ZPaper,
    mask_document,
)
from printing.pdf.sheets import CoverSheet, PosterSheet, ReportSheet, Sheet, Table, TupaEntry, TupaSheet

SITE = "MUNICIPALIDAD PROVINCIAL DE CAJAMARCA"
CENTRE = "Centro de Atención al Ciudadano"
CABIN = "Cabina C01 - Internet Los Sauces"
AT = datetime(2026, 11, 20, 15, 42, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 15, 58, tzinfo=UTC)

TICKET = TicketPaper(
    site=SITE,
    office=CENTRE,
    code="A-047",
    service="Partidas",
    issued_at=AT,
    ahead=6,
    wait_minutes=(15, 25),
    follow_url="https://cac.ejemplo.gob.pe/t/7KQ4M2",
)
PAYMENT = Payment(
    (Charge("Derecho TUPA (Municipalidad)", 1100), Charge("Servicio de cabina (C01)", 400)), 1500, "Efectivo", 2000, 500
)
CARGO = CargoPaper(
    site=SITE,
    office=CABIN,
    number="2026-C01A-000214-1",
    received_at=datetime(2026, 11, 20, 15, 46, tzinfo=UTC),
    place="Cabina C01, Cajamarca",
    tramite_code="RC-01",
    tramite="Copia certificada de partida de nacimiento",
    applicant="Nélida Chuquimango Soto",
    applicant_document=mask_document("DNI", "10117410"),
    folios=1,
    annexes=("Solicitud (FUT)",),
    due_on=date(2026, 11, 23),
    term_business_days=1,
    payment=PAYMENT,
    track_url="https://cac.ejemplo.gob.pe/seguimiento?numero=2026-C01A-000214-1&clave=K7M4-2QRX",
    track_key="K7M4-2QRX",
    received_by="Elva R., operadora",
    check_code="9F2C-41B7-E01B",
)
PROVED = replace(  # as a till prints it
    CARGO,
    proof="https://cac.ejemplo.gob.pe/verificar?c=2026-C01A-000214-1.tp5x6o.RC-01.1500."
    "9tWb3q0cVd2mXk7LrZyP5sJhN8uEaGfQ1oTi4CwB6vHxKnMlSjRgDpUzYeAFOI-_2kLq8ZsXwVtN0bCdEfGhIg",
)
SAMPLES: dict[str, Paper] = {
    "ticket": TICKET,
    "cargo": CARGO,
    "recibo": ReceiptPaper(
        site=SITE,
        office=CENTRE,
        title="Recibo de caja",
        number="R-000031",
        issued_at=AT,
        rows=(("Expediente", "2026-MPA-000124-7"),),
        payment=replace(
            PAYMENT,
            lines=(Charge("Derecho TUPA (Municipalidad)", 4847), Charge("Redondeo", -7)),
            total_centimos=4840,
            received_centimos=5000,
            change_centimos=160,
        ),
        received_by="Ventanilla 3",
    ),
    "z": ZPaper(
        site=SITE,
        office=CABIN,
        z=12,
        operator="Elva R.",
        opened_at=AT,
        closed_at=LATER,
        filings=14,
        lines=(Charge("Derechos TUPA (Municipalidad)", 15400), Charge("Servicio de cabina (C01)", 5600)),
        counts=((20000, 1), (1000, 3), (20, 4)),
        expected_centimos=23120,
        counted_centimos=23080,
        difference_centimos=-40,
        first_seq=201,
        last_seq=240,
        hash="9f2c41b7e01b9f2c41b7e01b9f2c41b7",
    ),
    "liquidacion": SettlementPaper(
        site=SITE,
        office="Gerencia de Administración, Tesorería",
        number="LIQ-2026-0007-C01",
        cabina="C01 Internet Los Sauces",
        from_on=date(2026, 11, 16),
        to_on=date(2026, 11, 20),
        issued_at=LATER,
        filings=41,
        closings=(Closing(11, date(2026, 11, 19), 27, 29810), Closing(12, date(2026, 11, 20), 14, 15400)),
        remittances=(Remittance(date(2026, 11, 19), "BN 0012345", 29810, "confirmada"),),
        lines=(
            Charge("Saldo anterior", 0),
            Charge("Derechos cobrados", 45210),
            Charge("Remesas confirmadas", -29810),
            Charge("Extorno confirmado 2026-C01A-000199-2", -1100),
        ),
        total_centimos=14300,
        notes=(Charge("Servicio de cabina (es de la cabina)", 16400),),
        prepared_by="Julia Terrones Alva, tesorería",
        check_code="51AA-07CE-90F3",
    ),
    "valija": ValijaPaper(
        site=SITE,
        office=CABIN,
        number="V-C01-0007",
        seal="0048213",
        destination="Mesa de partes del CAC",
        closed_at=LATER,
        items=(
            ValijaItem("2026-C01A-000214-1", "Copia certificada de partida de nacimiento", 1),
            ValijaItem("2026-C01A-000215-X", "Licencia de edificación: aprobación automática con firma", 18),
        ),
        closed_by="Elva R., operadora",
        carried_by="Segundo Chilón Ayay",
        receive_url="https://cac.ejemplo.gob.pe/valijas/V-C01-0007",
    ),
    "calibracion": CalibrationPaper(site=SITE, printer="kiosko", printed_at=AT),
}

# Of A4 alone

COVER = CoverSheet(
    site=SITE,
    office=CENTRE,
    number="2026-MPA-000124-7",
    tramite_code="LF-11",
    tramite="Autorización de espectáculo público no deportivo",
    organ="Gerencia de Desarrollo Económico",
    responsible="Gerente de Desarrollo Económico",
    applicant="José Ñáñez Quiliche",
    applicant_document="DNI ****2843",
    subject="Concierto de aniversario",
    received_at=AT,
    due_on=date(2026, 12, 4),
    sap_on=date(2026, 12, 14),
    folios=18,
    papers=(("1", "Solicitud (FUT)", "2"), ("2", "Contrato del local", "16")),
)
POSTER = PosterSheet(site=SITE, office=CENTRE, url="https://cac.ejemplo.gob.pe/turno")
REPORT = ReportSheet(
    site=SITE,
    office=f"{CENTRE}, Sala principal",
    title="Reporte de atención",
    period="16/11/2026 a 20/11/2026",
    made_at=AT,
    tables=(
        Table(
            "Día",
            (
                "Día",
                "Llega- ron",
                "Llama- dos",
                "Espera",
                "90 %",
                "Aten- didos",
                "Aten- ción",
                "90 %",
                "Ausen- cias",
                "Aban- donos",
                "Sin aten- der",
                "Deri- vados",
            ),
            tuple((f"{n:02d}/11/2026", *[str(n * m % 37) for m in range(2, 13)]) for n in range(1, 21)),
        ),
    ),
)
TUPA = TupaSheet(
    site=SITE,
    office=CENTRE,
    version="2026-01",
    made_on=date(2026, 11, 20),
    areas=(
        (
            "Registro Civil",
            (
                TupaEntry(
                    "RC-01", "Copia certificada", (("Derecho", "S/ 11.00"), ("Plazo", "1 día hábil")), ("Solicitud",)
                ),
            ),
        ),
    ),
)
SHEETS: dict[str, Sheet] = {"caratula": COVER, "reporte": REPORT, "tupa": TUPA, "cartel": POSTER}
ON_A4: dict[str, Paper | Sheet] = {"cargo": PROVED, "liquidacion": SAMPLES["liquidacion"], **SHEETS}
