"""Filings that the centre registers without their event: from the receipt in a person's hand, or from the later branch of a fork.

One paper is one case: what its receipt's signature covers is its identity, so a paper shown twice, or whose event arrives after
all, is known again. The cabin is told by a signed word that carries the whole filing; its acceptance brings the case back to a
centre that was restored before it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.expedientes.actions import apply_filed
from cac.expedientes.actions.numbers import DESK, next_number
from cac.expedientes.models import Expediente
from cac.sync.actions import of_cabina
from cac.sync.filings import check_number, filing_of, money_of, note_number
from cac.sync.models import (
    Cabina,
    CabinDevice,
    CabinSeries,
    InboxEvent,
    InboxFork,
    QuarantinedEvent,
    RebuiltFiling,
)
from cac.treasury.actions import Besides, NotAsDeclared, Source, say
from cac.treasury.models import TreasuryWord
from cac.tupa.models import TupaVersion
from cac.tupa.queries import TramiteUnknown, get_tramite_of
from core import wire
from core.clock import lima_day
from core.errors import Conflict, Invalid
from core.ids import ExpedienteNumber, normalize_key, uuid7
from core.money import soles
from core.receipt import NotAReceipt, Receipt, judge, read
from core.workdays import Calendar
from intake.clock import FilingHours
from intake.fees import CabinFee
from intake.filing import Filing, Notice, decide
from intake.request import FilingRequest
from intake.told import parts_of_event
from intake.tramite import Tramite
from web.access import Principal

FROM_RECEIPT, FROM_FORK = "recibo", "bifurcacion"
APPLIED = "aplicado"  # how an event of the quarantine was settled, when it became what it told
WHY = {
    FROM_RECEIPT: "Reconstruido en el CAC de su recibo: lo que envió la cabina se perdió",
    FROM_FORK: "Registrado en el CAC: dos computadoras de la cabina dieron números de la misma serie",
}
SECRET_CHARS = 9  # of a tracking key: ABCD-EFGH
COMPARED = (
    ("applicant", "la persona"),
    ("subject", "el asunto"),
    ("sheets", "los folios"),
    ("observed", "lo que falta"),
    ("track_key", "la clave de seguimiento"),
    ("payment", "el pago"),
)


class ReceiptInvalid(Invalid):
    code, title = "recibo.ilegible", "No se entiende el código"
    detail = "Eso no es el código de un recibo de cabina. Lea el QR del recibo, o copie su código completo."


class ReceiptFalse(Invalid):
    code, title = "recibo.falso", "Recibo no auténtico"
    detail = (
        "La firma del recibo no es de una computadora autorizada de esa cabina. No lo registre: avise al supervisor."
    )


class AlreadyHere(Conflict):
    code, title = "recibo.ya_registrado", "Ya está registrado"


class HeldHere(Conflict):
    code, title = "recibo.en_verificacion", "Ya llegó y está en verificación"
    detail = "Lo que envió la cabina por este recibo ya llegó y espera a una persona. Tesorería lo resuelve en la página de la cabina."


class OtherTotal(Invalid):
    code, title = "recibo.total_distinto", "El total no es el del recibo"


class KeyMissing(Invalid):
    code, title = "recibo.sin_clave", "Falta la clave"
    detail = "Copie la clave de seguimiento del papel: ocho letras y números, como 7KQ4-M2XD."


class DiffersInMoney(ValueError):
    """The event of a rebuilt filing charges otherwise than it was rebuilt with."""

    code = "sync.reconstruido_distinto"


@dataclass(frozen=True, slots=True)
class Paper:
    """A receipt whose signature holds, and what is known of it here. `registered`: the case it is already; `held`: its event waits
    in quarantine or in a fork; `taken`: another paper's case has its number."""

    receipt: Receipt
    cabina: Cabina
    series: CabinSeries
    tramite: Tramite
    registered: str | None
    held: bool
    taken: bool

    @property
    def identity(self) -> str:
        return identity_of(self.receipt)

    @property
    def lost(self) -> bool:
        return self.registered is None and not self.held


@dataclass(frozen=True, slots=True)
class Carried:
    """What a person carries besides the code of the receipt: what the paper says in words. `service_centimos` is the cabin's own
    line on it, 0 when it has none."""

    request: FilingRequest
    track_key: str
    operator: str
    service_centimos: int


def identity_of(receipt: Receipt) -> str:
    return wire.sha256(wire.canonical(receipt.body()))


def receipt_of(fact: wire.ExpedienteFiled) -> Receipt:
    """The receipt that was printed for it."""
    return Receipt(fact.number, fact.at, fact.tramite, fact.total_centimos)


def find_paper(session: Session, text: str) -> Paper:
    """What a scanned or typed code is here. Raises ReceiptInvalid, ReceiptFalse, TramiteUnknown."""
    try:
        signed = read(text)
    except NotAReceipt:
        raise ReceiptInvalid(field="codigo") from None
    receipt = signed.receipt
    point, letters = receipt.point
    found = session.execute(
        select(Cabina, CabinSeries, CabinDevice)
        .join(CabinSeries, CabinSeries.cabina_id == Cabina.id)
        .join(CabinDevice, CabinDevice.id == CabinSeries.device_id)
        .where(Cabina.code == point, CabinSeries.series == letters)
    ).first()
    if found is None:
        raise ReceiptFalse(field="codigo")
    cabina, series, device = found
    known = wire.SeriesKey(cabina=cabina.code, series=letters, key=device.public_key, until=device.revoked_at)
    if judge(signed, [known], ()) == "falso":
        raise ReceiptFalse(field="codigo")
    identity, registered, held = identity_of(receipt), None, False
    rebuilt = session.scalar(select(RebuiltFiling.number).where(RebuiltFiling.paper == identity))
    case = select(Expediente.id).where(Expediente.number == receipt.number)
    taken = session.scalar(case) is not None
    if rebuilt is not None:
        registered = rebuilt
    elif same := [waits for fact, waits in claims(session, cabina.id, receipt.number) if paper_of(fact) == identity]:
        held = all(same)
        registered = None if held else receipt.number
    tramite = next(_versions(session, receipt.tramite, receipt))
    return Paper(receipt, cabina, series, tramite, registered, held, taken)


def paper_of(fact: wire.ExpedienteFiled) -> str:
    return identity_of(receipt_of(fact))


def claims(session: Session, cabina_id: int, number: str) -> Iterator[tuple[wire.ExpedienteFiled, bool]]:
    """Each filing that arrived under `number`, and whether it waits for a person: in quarantine or in a fork. One that was set
    aside is as if it never came."""
    named = f'"number":"{number}"'
    held = session.execute(
        select(InboxEvent.event, QuarantinedEvent.event_id, QuarantinedEvent.settled_at, QuarantinedEvent.settled_how)
        .outerjoin(QuarantinedEvent, QuarantinedEvent.event_id == InboxEvent.id)
        .where(InboxEvent.cabina_id == cabina_id, InboxEvent.kind == "expediente", InboxEvent.event.contains(named))
    )
    for row in held:
        applied = row.event_id is None or row.settled_how == APPLIED
        if row.settled_at is None or applied:
            yield from ((fact, not applied) for fact in _filing_in(row.event))
    forked = select(InboxFork.event).where(
        InboxFork.cabina_id == cabina_id, InboxFork.settled_at.is_(None), InboxFork.event.contains(named)
    )
    for text in session.scalars(forked):
        yield from ((fact, True) for fact in _filing_in(text))


def rebuild(
    session: Session,
    code: str,
    carried: Carried,
    *,
    calendar: Calendar,
    hours: FilingHours,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Register a receipt whose event was lost, under its own number; under another, with the printed one as alias, when that number
    is another paper's.

    Raises ReceiptInvalid, ReceiptFalse, AlreadyHere, HeldHere, KeyMissing, OtherTotal, and what `intake.filing.decide` does."""
    paper = find_paper(session, code)
    if paper.registered is not None:
        raise AlreadyHere(f"Este recibo ya es el expediente {paper.registered}. Búsquelo por su número.")
    if paper.held:
        raise HeldHere()
    track_key = normalize_key(carried.track_key.rpartition("clave=")[2])
    if len(track_key) != SECRET_CHARS:
        raise KeyMissing(field="track_key")
    filing = _decide_again(session, paper, carried, calendar=calendar, hours=hours)
    number = str(next_number(session, DESK, year=lima_day(now).year)) if paper.taken else paper.receipt.number
    fact = _fact_of(filing, paper, carried, number=number, track_key=track_key, calendar_version=calendar.version)
    note_number(paper.series, ExpedienteNumber.parse(paper.receipt.number))
    return register_again(
        session,
        paper.cabina,
        filing,
        fact,
        paper=paper.identity,
        printed=paper.receipt.number,
        cause=FROM_RECEIPT,
        key=key,
        principal=principal,
        now=now,
    )


def register_again(
    session: Session,
    cabina: Cabina,
    filing: Filing,
    fact: wire.ExpedienteFiled,
    *,
    paper: str,
    printed: str,
    cause: str,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """The case, its charge and the word that tells the cabin. `fact` has the case's number and its charge."""
    _register(session, cabina, filing, fact, printed=printed, cause=cause, principal=principal, now=now)
    why = WHY[cause] if fact.number == printed else f"{WHY[cause]}; su papel dice {printed}"
    say(
        session,
        cabina,
        wire.ConfirmationKind.FILING_REBUILT,
        fact.number,
        centimos=fact.total_centimos,
        reason=why,
        key=key,
        principal=principal,
        now=now,
        besides=Besides(filed=fact, printed=None if fact.number == printed else printed),
    )
    _keep(session, cabina, fact, paper=paper, printed=printed, cause=cause, by=principal.name, at=now)
    return {"number": fact.number, "printed": printed, "cabina": cabina.code}


def recognise(session: Session, fact: wire.ExpedienteFiled, *, series: CabinSeries, source: Source) -> bool:
    """Whether the event is of a filing that was registered without it. What it says otherwise is noted for people; its tracking key
    is the one on the paper. Raises BadPayload, NotAsDeclared, DiffersInMoney."""
    row = session.scalar(select(RebuiltFiling).where(RebuiltFiling.paper == paper_of(fact)))
    if row is None or row.cabina_id != source.cabina.id or row.event_id is not None:
        return False
    number = check_number(fact, source.cabina.code, series)
    if (fact.ledger and fact.ledger.entry()) != money_of(fact):
        raise NotAsDeclared("los importes del asiento no son los de la operación")
    known = wire.ExpedienteFiled.model_validate_json(row.fact)
    if _lines(known) != _lines(fact):
        raise DiffersInMoney(f"{row.number} se reconstruyó con otro pago: compare los dos papeles")
    differs = [words for name, words in COMPARED if getattr(known, name) != getattr(fact, name)]
    row.event_id, row.arrived_at, row.differs = source.event_id, source.now, ", ".join(differs)
    if known.track_key != fact.track_key:
        of_case = update(Expediente).where(Expediente.number == row.number)
        session.execute(of_case.values(track_key=fact.track_key))
    note_number(series, number)
    record(
        session,
        principal=of_cabina(source.cabina),
        action="expediente.hecho_encontrado",
        subject=f"expediente:{row.number}",
        detail=f"difiere: {row.differs}" if differs else "igual a lo reconstruido",
        now=source.now,
    )
    return True


def hear_rebuilt(
    session: Session, fact: wire.ConfirmationAccepted, source: Source, *, calendar: Calendar, hours: FilingHours
) -> bool:
    """A centre restored from a copy before it registered the filing registers it again, from the word the cabin kept. True when the
    acceptance has nothing more to tell: the paper became a case here meanwhile, by another word or by its own event."""
    word = wire.unsealed(fact.confirmation, wire.Confirmation)
    if word.kind != wire.ConfirmationKind.FILING_REBUILT or session.get(TreasuryWord, word.id) is not None:
        return False
    filed = wire.filed_in(word)
    printed = word.printed or filed.number
    identity = identity_of(replace(receipt_of(filed), number=printed))
    if session.scalar(select(RebuiltFiling.id).where(RebuiltFiling.paper == identity)) is not None:
        return True
    came = claims(session, source.cabina.id, printed)
    if any(paper_of(one) == identity and not waits for one, waits in came):
        return True
    tramite = get_tramite_of(session, filed.tramite, version=filed.tupa_version)
    filing = filing_of(filed, tramite, behind_s=0, source=source, calendar=calendar, hours=hours)
    cause = FROM_RECEIPT if printed == filed.number else FROM_FORK
    by = of_cabina(source.cabina)
    _register(session, source.cabina, filing, filed, printed=printed, cause=cause, principal=by, now=source.now)
    _keep(session, source.cabina, filed, paper=identity, printed=printed, cause=cause, by=word.by, at=word.at)
    return False


def _register(
    session: Session,
    cabina: Cabina,
    filing: Filing,
    fact: wire.ExpedienteFiled,
    *,
    printed: str,
    cause: str,
    principal: Principal,
    now: datetime,
) -> None:
    told = f"{WHY[cause]}." if fact.number == printed else f"{WHY[cause]}. El papel de la persona dice {printed}."
    done = apply_filed(
        session,
        replace(filing, warnings=(*filing.warnings, Notice("expediente.reconstruido", told))),
        number=fact.number,
        track_key=fact.track_key,
        cabina=cabina.code,
        operator=fact.operator,
        place=f"{cabina.name} ({cabina.code})",
        calendar_version=fact.calendar_version,
        principal=principal,
        now=now,
        alias=None if fact.number == printed else printed,
    )
    if done is None:
        raise AlreadyHere(f"El número {fact.number} ya es de otro expediente.")
    record(
        session,
        principal=principal,
        action="expediente.reconstruido",
        subject=f"expediente:{fact.number}",
        detail=told,
        now=now,
    )


def _keep(
    session: Session,
    cabina: Cabina,
    fact: wire.ExpedienteFiled,
    *,
    paper: str,
    printed: str,
    cause: str,
    by: str,
    at: datetime,
) -> None:
    session.add(
        RebuiltFiling(
            cabina_id=cabina.id,
            paper=paper,
            printed=printed,
            number=fact.number,
            cause=cause,
            fact=fact.model_dump_json(),
            by=by,
            at=at,
        )
    )
    session.flush()


def _decide_again(
    session: Session, paper: Paper, carried: Carried, *, calendar: Calendar, hours: FilingHours
) -> Filing:
    """The decision the cabin took: the TUPA version is the one that makes the signed total, the one of the day first."""
    convenio, receipt = paper.cabina, paper.receipt
    fee = (
        CabinFee(carried.service_centimos)
        if carried.service_centimos
        else CabinFee(convenio.service_centimos, "municipality")
    )
    total = None
    for tramite in _versions(session, receipt.tramite, receipt):
        filing = decide(
            carried.request,
            tramite,
            received_at=receipt.at,
            calendar=calendar,
            channel="cabina",
            hours=hours,
            cabin_fee=fee,
        )
        if filing.charges.total_centimos == receipt.total_centimos:
            return filing
        total = filing.charges.total_centimos if total is None else total
    raise OtherTotal(
        f"El recibo dice S/ {soles(receipt.total_centimos)} y lo escrito suma S/ {soles(total or 0)}. "
        "Revise el servicio de la cabina, la forma de pago, la modalidad y la cantidad.",
        field="service",
    )


def _versions(session: Session, code: str, receipt: Receipt) -> Iterator[Tramite]:
    """The trámite as each TUPA published until the receipt's day has it, the newest first: a cabin without link goes on with the
    last one it was given. Raises TramiteUnknown when none has it."""
    published = session.scalars(
        select(TupaVersion.version)
        .where(TupaVersion.valid_from <= lima_day(receipt.at))
        .order_by(TupaVersion.valid_from.desc(), TupaVersion.id.desc())
    ).all()
    found = False
    for version in published:
        try:
            yield get_tramite_of(session, code, version=version)
            found = True
        except TramiteUnknown:
            continue
    if not found:
        raise TramiteUnknown("El trámite de ese recibo no está en ningún TUPA cargado aquí.")


def _fact_of(
    filing: Filing, paper: Paper, carried: Carried, *, number: str, track_key: str, calendar_version: str
) -> wire.ExpedienteFiled:
    """The filing as its event would have told it."""
    fact = wire.ExpedienteFiled(
        **parts_of_event(filing),
        operator=carried.operator.strip()[:120] or f"Cabina {paper.cabina.code}",
        id=str(uuid7()),
        number=number,
        track_key=track_key,
        tupa_version=filing.tramite.version,
        calendar_version=calendar_version,
        warnings=tuple(wire.Notice(code=notice.code, detail=notice.detail) for notice in filing.warnings),
    )
    return charged(fact)


def charged(fact: wire.ExpedienteFiled) -> wire.ExpedienteFiled:
    """With the entry that its charges make."""
    entry = money_of(fact)
    return fact.model_copy(update={"ledger": wire.LedgerEntry.of(entry) if entry else None})


def _lines(fact: wire.ExpedienteFiled) -> set[tuple[str, int]]:
    return {(line.account, line.centimos) for line in fact.ledger.postings} if fact.ledger else set()


def _filing_in(text: str) -> Iterator[wire.ExpedienteFiled]:
    """The filing of a kept event, if it can be read as one."""
    try:
        fact = wire.parse_payload(json.loads(text)["payload"])
    except wire.WireError:
        return
    if isinstance(fact, wire.ExpedienteFiled):
        yield fact
