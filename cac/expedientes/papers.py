"""The cargo of a case, made from its row: what is printed at filing, again years later, and as a PDF is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from cac.citizens.models import Person
from cac.desk.models import Sala, Site
from cac.expedientes.models import Charge as ChargeRow
from cac.expedientes.models import Expediente, Movimiento
from cac.paper.actions import enqueue
from cac.tupa.queries import get_tramite_of
from intake.cargo import check_code, legal_note, track_url
from intake.clock import SUBSANACION_DIAS_HABILES
from intake.fees import cash_besides
from intake.tramite import Tramite
from printing.papers import CargoPaper, Charge, Payment, mask_document
from web.access import Principal
from web.settings import Settings

METHOD_NAMES = {
    "efectivo": "Efectivo",
    "tarjeta": "Tarjeta",
    "transferencia": "Transferencia",
    "billetera": "Billetera digital",
    "banco": "Banco",
    "exonerado": "Exonerado",
}
CONCEPT_NAMES = {
    "derecho": "Derecho TUPA (Municipalidad)",
    "servicio_cabina": "Servicio de cabina",
    "redondeo": "Redondeo a favor de usted",
}
CARGOS = "cargos"
DEFAULT_SITE, DEFAULT_OFFICE = "Municipalidad", "Centro de Atención al Ciudadano"

_EXPEDIENTE: Table = Expediente.__table__  # type: ignore[assignment]
_PERSON: Table = Person.__table__  # type: ignore[assignment]
_MOVE: Table = Movimiento.__table__  # type: ignore[assignment]
_CHARGE: Table = ChargeRow.__table__  # type: ignore[assignment]
_REPRESENTATIVE = _PERSON.alias("representative")
_CASE = (
    select(
        _EXPEDIENTE,
        _PERSON.c.document_type,
        _PERSON.c.document_number,
        _REPRESENTATIVE.c.name.label("representative_name"),
    )
    .join(_PERSON, _PERSON.c.id == _EXPEDIENTE.c.person_id)
    .outerjoin(_REPRESENTATIVE, _REPRESENTATIVE.c.id == _EXPEDIENTE.c.representative_id)
    .where(_EXPEDIENTE.c.number == bindparam("number"))
)
_FIRST_MOVE = select(_MOVE).where(_MOVE.c.expediente_id == bindparam("case")).order_by(_MOVE.c.id).limit(1)
_LINES = (
    select(_CHARGE.c.concept, _CHARGE.c.centimos)
    .where(_CHARGE.c.expediente_id == bindparam("case"))
    .order_by(_CHARGE.c.id)
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who receives, on paper: municipality, office, place; where to follow; whether it is a demonstration."""

    site: str
    office: str
    place: str
    public_url: str
    demo: bool = False


def letterhead(session: Session, principal: Principal, settings: Settings) -> Letterhead:
    """Who receives on paper, for who stands at a desk: its sala's site, else the first one."""
    chosen = select(Site).order_by(Site.id).limit(1)
    if principal.sala:
        chosen = select(Site).join(Sala, Sala.site_id == Site.id).where(Sala.code == principal.sala)
    site = session.scalar(chosen)
    office = site.office if site else DEFAULT_OFFICE
    return Letterhead(
        site=site.name if site else DEFAULT_SITE,
        office=office,
        place=office,
        public_url=settings.public_url,
        demo=settings.demo,
    )


def print_cargo(session: Session, paper: CargoPaper, *, principal: Principal, now: datetime) -> int | None:
    """Queue the cargo on the printer of the principal's sala; its job, None when no printer is set."""
    return enqueue(
        session,
        purpose=CARGOS,
        sala_code=principal.sala,
        paper=paper,
        subject=f"expediente:{paper.number}",
        now=now,
    )


def cargo(session: Session, number: str, *, letterhead: Letterhead) -> CargoPaper:
    """The cargo of an existing case, as it was filed: what happened later is not on it."""
    case = session.execute(_CASE, {"number": number}).mappings().one()
    filed = session.execute(_FIRST_MOVE, {"case": case["id"]}).one()
    return make_cargo(
        {**case, "filed": filed.detail, "cure_on": filed.due_on if filed.kind == "observacion" else None},
        [(line.concept, line.centimos) for line in session.execute(_LINES, {"case": case["id"]})],
        tramite=get_tramite_of(session, case["tramite_code"], version=case["tupa_version"]),
        letterhead=letterhead,
    )


def make_cargo(
    case: Mapping[str, Any], lines: Sequence[tuple[str, int]], *, tramite: Tramite, letterhead: Letterhead
) -> CargoPaper:
    """From the columns of a case, its person's document, `filed` (the detail of its first movement) and its charges."""
    filed = case["filed"]
    observed = bool(filed["missing"])
    texts = {requisito["code"]: requisito["text"] for requisito in case["requisitos"]}
    document = case["document_number"] or ""
    return CargoPaper(
        site=letterhead.site,
        office=f"Cabina {case['cabina']}" if case["cabina"] else letterhead.office,
        number=case["number"],
        received_at=case["received_at"],
        place=case["place"],
        tramite_code=case["tramite_code"],
        tramite=case["tramite_name"],
        applicant=case["applicant_name"],
        applicant_document=mask_document(case["document_type"], document),
        representative=case["representative_name"],
        subject=case["subject"] if case["subject"] != case["tramite_name"] else None,
        folios=filed["sheets"],
        annexes=tuple(case["annexes"]),
        due_on=_day(filed["due_on"]),
        term_business_days=case["term_business_days"],
        missing=tuple(texts[code] for code in filed["missing"]),
        cure_on=case["cure_on"],
        cure_business_days=SUBSANACION_DIAS_HABILES if observed else None,
        legal_note=legal_note(tramite, observed=observed, sap_on=_day(filed["sap_on"])),
        payment=_payment(case, lines),
        track_url=track_url(letterhead.public_url, case["number"], case["track_key"]),
        track_key=case["track_key"],
        received_by=case["receiver_name"],
        check_code=check_code(
            case["number"],
            case["received_at"],
            document=document,
            sheets=filed["sheets"],
            total_centimos=case["total_centimos"],
        ),
        demo=letterhead.demo,
    )


def _payment(case: Mapping[str, Any], lines: Sequence[tuple[str, int]]) -> Payment | None:
    if not case["payment"]:
        return None
    return Payment(
        lines=tuple(Charge(CONCEPT_NAMES[concept], centimos) for concept, centimos in lines),
        total_centimos=case["total_centimos"],
        method=METHOD_NAMES[case["payment"]["method"]],
        reference=case["payment"]["reference"],
        pending=case["payment"]["state"] == "pendiente",
        cash_centimos=cash_besides(lines, case["payment"]["method"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
