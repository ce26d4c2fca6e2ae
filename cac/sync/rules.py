"""When a person must look at a cabin, as a table of facts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import offset_words
from core.money import soles
from core.wire import lost_range

SILENT_AFTER = timedelta(hours=12)  # a night with the PC off is ordinary
CLOCK_OFF_S = 300
WORD_AFTER = timedelta(days=3)  # a remittance or an extorno that waits longer for treasury's word raises an alarm
MAX_LEASE_LEFT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the centre knows of a cabin now."""

    owed_centimos: int
    guarantee_centimos: int
    warn_percent: int
    paired: bool
    revoked: bool
    suspended: bool
    suspension_reason: str
    seen_at: datetime | None
    pending: int | None
    clock_offset_s: int | None
    lease_until: datetime | None
    frozen: str | None
    forks: int
    other_machine: bool  # its key shows up in a PC that is not the paired one
    quarantined: int
    told_held_centimos: int | None  # by the cabin, with nothing left to send and no word of treasury on its way
    told: tuple[str, ...]  # alarms in the cabin's words
    papers_missing: int = 0  # originals that were not in their valija
    valijas_overdue: int = 0
    remittance_since: datetime | None = None  # the oldest one without treasury's word
    extorno_since: datetime | None = None
    unpaid_late: int = 0  # fees left for the bank that wait longer than they should
    codes_unbacked: int = 0  # codes by phone it used that treasury's notes do not back
    lost: tuple[tuple[str, int, int, int], ...] = ()  # series, first and last lost event, how many nobody accounted for


@dataclass(frozen=True, slots=True)
class Alarm:
    """`grave`: something must be done now."""

    code: str
    grave: bool
    detail: str


def used_percent(owed_centimos: int, guarantee_centimos: int) -> int:
    """Whole per cent of the guarantee that municipal cash uses; 100 without one."""
    return 100 if guarantee_centimos <= 0 else max(0, owed_centimos * 100 // guarantee_centimos)


def ago(instant: datetime | None, *, now: datetime) -> str:
    """`hace 3 min`, as people say it; `nunca` without an instant."""
    if instant is None:
        return "nunca"
    minutes = max(0, int((now - instant) / timedelta(minutes=1)))
    if minutes < 1:
        return "hace un momento"
    if minutes < 60:
        return f"hace {minutes} min"
    if minutes < 48 * 60:
        return f"hace {minutes // 60} h"
    return f"hace {minutes // (24 * 60)} días"


def alarms(facts: Facts, *, now: datetime) -> list[Alarm]:
    """Gravest first; empty when all is in order."""
    found = [*_broken(facts), *_money(facts, now), *_papers(facts), *_link(facts, now)]
    found += [Alarm("cabina.dice", False, text) for text in facts.told]
    return sorted(found, key=lambda alarm: not alarm.grave)


def _broken(facts: Facts) -> list[Alarm]:
    found = []
    if facts.frozen:
        detail = f"Serie congelada: {facts.frozen}. Empareje de nuevo la computadora verdadera."
        found.append(Alarm("cabina.serie_congelada", True, detail))
    if facts.other_machine:
        detail = "Su clave está en otra PC (¿un disco copiado?): no recibe números. Vea Administración, Cabinas."
        found.append(Alarm("cabina.otra_pc", True, detail))
    if facts.quarantined:
        detail = f"{facts.quarantined} en verificación: llegaron y no se pudieron aplicar."
        found.append(Alarm("cabina.cuarentena", True, detail))
    for series, first, last, left in facts.lost:
        detail = f"Serie {series}: {lost_range(first, last)}; {_left(left)} con su papel o cerrar con el motivo."
        found.append(Alarm("cabina.hechos_perdidos", True, detail))
    if facts.suspended:
        found.append(Alarm("cabina.suspendida", False, f"Suspendida: {facts.suspension_reason}"))
    if facts.revoked:
        found.append(Alarm("cabina.equipo_revocado", False, "Su computadora está revocada: empareje otra."))
    if not facts.paired:
        found.append(Alarm("cabina.sin_emparejar", False, "Aún no tiene computadora emparejada."))
    return found


def _left(count: int) -> str:
    return "falta 1 por reconstruir" if count == 1 else f"faltan {count} por reconstruir"


def waits_too_long(since: datetime | None, *, now: datetime) -> bool:
    """Whether what a cabin declared then should have had treasury's word by now."""
    return since is not None and now - since > WORD_AFTER


def _money(facts: Facts, now: datetime) -> list[Alarm]:
    found = []
    percent = used_percent(facts.owed_centimos, facts.guarantee_centimos)
    if facts.told_held_centimos not in (None, facts.owed_centimos):
        told = soles(facts.told_held_centimos or 0)
        detail = f"La cabina dice deber S/ {told} y aquí debe S/ {soles(facts.owed_centimos)}."
        found.append(Alarm("cabina.no_cuadra", True, detail))
    if facts.codes_unbacked:
        detail = "Usó un código por teléfono que no coincide con lo anotado aquí: confirme o rechace la remesa con el dinero a la vista."
        found.append(Alarm("cabina.codigo_distinto", True, detail))
    for what, since in (("Una remesa", facts.remittance_since), ("Un extorno", facts.extorno_since)):
        if waits_too_long(since, now=now):
            told = f"{what} espera la palabra de Tesorería {ago(since, now=now)}."
            found.append(Alarm("cabina.por_confirmar", False, told))
    if facts.unpaid_late:
        what = "1 pago" if facts.unpaid_late == 1 else f"{facts.unpaid_late} pagos"
        found.append(Alarm("cabina.pago_demorado", False, f"{what} en banco o CAC sin constancia desde hace días."))
    if percent >= 100:
        found.append(Alarm("cabina.garantia_agotada", True, "La garantía está agotada: no puede cobrar hasta remitir."))
    elif percent >= facts.warn_percent:
        found.append(Alarm("cabina.garantia", False, f"Usa {percent} % de su garantía."))
    return found


def _papers(facts: Facts) -> list[Alarm]:
    found = []
    if facts.papers_missing:
        detail = f"Faltan los papeles de {facts.papers_missing} expedientes que dijo enviar en valija."
        if facts.papers_missing == 1:
            detail = "Faltan los papeles de 1 expediente que dijo enviar en valija."
        found.append(Alarm("cabina.valija_incompleta", True, detail))
    if facts.valijas_overdue:
        found.append(Alarm("cabina.valija_demorada", False, "Una valija salió hace días y nadie la recibió."))
    return found


def _link(facts: Facts, now: datetime) -> list[Alarm]:
    found = []
    if facts.seen_at is not None and now - facts.seen_at > SILENT_AFTER:
        hours = int((now - facts.seen_at) / timedelta(hours=1))
        found.append(Alarm("cabina.sin_enviar", False, f"No envía desde hace {hours} h."))
    if facts.lease_until is not None and not facts.suspended and facts.lease_until - now < MAX_LEASE_LEFT:
        found.append(Alarm("cabina.serie_por_vencer", False, "Su serie vence pronto: debe conectarse."))
    if facts.clock_offset_s is not None and abs(facts.clock_offset_s) > CLOCK_OFF_S:
        found.append(Alarm("cabina.reloj", False, f"Su reloj está {offset_words(facts.clock_offset_s)}."))
    return found
