"""A cabin as treasury sees it: what it owes, how far behind it is, what to attend to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.sync import queries
from cac.sync.actions import find
from cac.sync.lost import losses
from cac.sync.models import Cabina, CabinDevice
from cac.sync.rules import Alarm, Facts, ago, alarms, used_percent
from cac.treasury import phone
from cac.treasury.ledger import all_balances, balances
from cac.treasury.models import CabinExtorno, CabinRemittance
from cac.treasury.queries import extornos, oldest_open, pending_words, remittances
from cac.treasury.rules import cap_centimos
from cac.valijas.queries import missing_papers, overdue
from core.clock import offset_words
from core.ledger import Account, Balances, municipal_held


@dataclass(frozen=True, slots=True)
class CabinaView:
    cabina: Cabina
    device: CabinDevice | None
    balances: Balances
    owed_centimos: int
    in_transit_centimos: int
    guarantee_held_centimos: int  # what is left of its deposit
    cap_centimos: int
    free_centimos: int
    used_percent: int
    suspended: bool
    suspension_reason: str
    quarantined: int
    seen: str  # hace 3 min
    alarms: list[Alarm]

    @property
    def state(self) -> str:
        """`activa`, `suspendida` or `sin_emparejar`."""
        return "suspendida" if self.suspended else "activa" if self.device else "sin_emparejar"

    @property
    def clock(self) -> str:
        """Its clock against the centre's, in words."""
        return offset_words(self.device.clock_offset_s if self.device else None)

    @property
    def level(self) -> str:
        """How full the guarantee is, for its bar: "", aviso, error."""
        return "error" if self.used_percent >= 100 else "aviso" if self.used_percent >= self.cabina.warn_percent else ""


def all_cabinas(session: Session, *, now: datetime, unpaid_late: Mapping[str, int]) -> list[CabinaView]:
    """`unpaid_late`: fees left for the bank that wait longer than they should, by cabin."""
    sums = all_balances(session)
    rows = session.scalars(select(Cabina).order_by(Cabina.code))
    return [
        view_of(session, cabina, sums.get(cabina.id, Balances()), now=now, unpaid_late=unpaid_late) for cabina in rows
    ]


def one_cabina(session: Session, code: str, *, now: datetime, unpaid_late: Mapping[str, int]) -> CabinaView:
    """Raises CabinaUnknown."""
    cabina = find(session, code)
    return view_of(session, cabina, balances(session, cabina.id), now=now, unpaid_late=unpaid_late)


def view_of(
    session: Session, cabina: Cabina, sums: Balances, *, now: datetime, unpaid_late: Mapping[str, int]
) -> CabinaView:
    owed = municipal_held(sums)
    device = next(iter(queries.devices(session, cabina.id)), None)
    newest = next(iter(queries.series(session, cabina.id)), None)
    word = queries.last_suspension(session, cabina.id)
    held = queries.quarantined(session, cabina.id)
    suspended = bool(word and word.suspended)
    settled = device is not None and device.pending == 0 and not held and not pending_words(session, cabina.id)
    deposit = sums[Account.GUARANTEE]
    cap = cap_centimos(
        agreed_centimos=cabina.guarantee_centimos, ever_deposited=Account.GUARANTEE in sums, held_centimos=deposit
    )
    facts = Facts(
        owed_centimos=owed,
        guarantee_centimos=cap,
        warn_percent=cabina.warn_percent,
        paired=device is not None,
        revoked=bool(device and device.revoked_at),
        suspended=suspended,
        suspension_reason=word.reason if word else "",
        seen_at=device.seen_at if device else None,
        pending=device.pending if device else None,
        clock_offset_s=device.clock_offset_s if device else None,
        lease_until=newest.valid_until if newest else None,
        frozen=newest.frozen_why if newest and newest.frozen_at else None,
        forks=len(queries.forks(session, cabina.id)),
        other_machine=bool(device and device.other_machine),
        quarantined=len(held),
        told_held_centimos=device.municipal_held_centimos if device and settled else None,
        told=tuple(device.alarms) if device else (),
        papers_missing=missing_papers(session, cabina.id),
        valijas_overdue=overdue(session, cabina.id, now=now),
        remittance_since=oldest_open(session, cabina.id, CabinRemittance),
        extorno_since=oldest_open(session, cabina.id, CabinExtorno),
        unpaid_late=unpaid_late.get(cabina.code, 0),
        codes_unbacked=phone.differing(session, cabina.id),
        lost=tuple(
            (loss.series, loss.row.first_seq, loss.row.last_seq, loss.open)
            for loss in losses(session, cabina.id)
            if loss.open
        ),
    )
    return CabinaView(
        cabina=cabina,
        device=device,
        balances=sums,
        owed_centimos=owed,
        in_transit_centimos=sums[Account.REMITTANCE_IN_TRANSIT],
        guarantee_held_centimos=deposit,
        cap_centimos=cap,
        free_centimos=max(0, cap - owed),
        used_percent=used_percent(owed, cap),
        suspended=suspended,
        suspension_reason=facts.suspension_reason,
        quarantined=len(held),
        seen=ago(facts.seen_at, now=now),
        alarms=alarms(facts, now=now),
    )


def as_json(session: Session, code: str, *, now: datetime, unpaid_late: Mapping[str, int]) -> dict[str, Any]:
    """`GET /cabinas/{code}`."""
    view = one_cabina(session, code, now=now, unpaid_late=unpaid_late)
    cabina, device = view.cabina, view.device
    seen_at = device.seen_at if device else None
    return {
        "code": cabina.code,
        "name": cabina.name,
        "place": cabina.place,
        "state": view.state,
        "suspension_reason": view.suspension_reason if view.suspended else None,
        "balance_centimos": view.owed_centimos,
        "in_transit_centimos": view.in_transit_centimos,
        "guarantee_centimos": cabina.guarantee_centimos,
        "guarantee_held_centimos": view.guarantee_held_centimos,
        "cap_centimos": view.cap_centimos,
        "guarantee_used_percent": view.used_percent,
        "free_centimos": view.free_centimos,
        "balances": {account.value: centimos for account, centimos in view.balances.items()},
        "last_sync_at": seen_at.isoformat() if seen_at else None,
        "lag_s": max(0, round((now - seen_at).total_seconds())) if seen_at else None,
        "pending": device.pending if device else None,
        "clock_offset_s": device.clock_offset_s if device else None,
        "version": device.version if device else None,
        "alarms": [{"code": alarm.code, "grave": alarm.grave, "detail": alarm.detail} for alarm in view.alarms],
        "series": [
            {
                "epoch": series.epoch,
                "series": series.series,
                "held_seq": series.held_seq,
                "lease": {"year": series.year, "first": series.first, "last": series.last},
                "valid_until": series.valid_until.isoformat(),
                "frozen": series.frozen_why if series.frozen_at else None,
            }
            for series in queries.series(session, cabina.id)
        ],
        "quarantined": [
            {
                "epoch": event.epoch,
                "seq": event.seq,
                "kind": event.kind,
                "number": held.number,
                "code": held.code,
                "detail": held.detail,
                "at": held.at.isoformat(),
            }
            for held, event in queries.quarantined(session, cabina.id)
        ],
        "remesas": [_told(remittance, word) for remittance, word in remittances(session, cabina.id)],
        "extornos": [_told(extorno, word) for extorno, word in extornos(session, cabina.id)],
    }


def _told(declared: Any, word: Any) -> dict[str, Any]:
    """A remittance or an extorno with treasury's word on it."""
    female = hasattr(declared, "reference")
    return {
        "id": declared.id,
        "centimos": declared.centimos,
        "declared_at": declared.declared_at.isoformat(),
        **({"reference": declared.reference} if female else {"number": declared.number, "motivo": declared.motivo}),
        "state": word.kind.split("_")[1] if word else "declarada" if female else "declarado",
        "settled_at": word.at.isoformat() if word else None,
        "settled_by": word.by if word else None,
    }
