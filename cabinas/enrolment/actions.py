"""Taking what the centre grants. Signatures were verified by who calls; what is kept is the signed text."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.enrolment.models import CatalogueRow, Identity, LeaseRow, SuspensionRow
from cabinas.enrolment.queries import NotPaired, identity
from cabinas.outbox.queries import last_seq, written
from cabinas.sync.models import Condition, SeriesEpoch
from core.errors import Conflict
from core.wire import Catalogue, Lease, PairingAnswer, Sealed, SeriesWritten, Suspension, sha256, unsealed


class OtherCabina(Conflict):
    code = "cabina.otra_carpeta"


class FolderForked(Conflict):
    code, title = "cabina.carpeta_bifurcada", "Carpeta de otra historia"
    detail = (
        "Lo que guarda esta carpeta no es lo que el centro tiene de la cabina: un disco copiado siguió por su lado. Empareje en una "
        "carpeta nueva (--dir), que recibe toda la historia. Esta no se borra: encienda su caja con internet para que envíe lo que registró."
    )


def history_to_pair(session: Session) -> tuple[SeriesWritten, ...]:
    """What this folder shows of its earlier pairings; nothing where there was none. Raises FolderForked, before a code is spent."""
    if session.scalar(select(SeriesEpoch.epoch).where(SeriesEpoch.split).limit(1)) is not None:
        raise FolderForked()
    return written(session)


def enrol(
    session: Session, *, centre_url: str, answer: PairingAnswer, device_key: str, now: datetime, machine: str = ""
) -> str:
    """This PC becomes the cabin of `answer`; returns its code. Raises OtherCabina: one folder is one cabin for ever."""
    before = identity(session)
    if before is not None and (before.cabina, before.centre_key) != (answer.cabina, answer.centre_key):
        raise OtherCabina(f"Esta carpeta ya es de la cabina {before.cabina}. Use otra carpeta para {answer.cabina}.")
    session.add(
        Identity(
            cabina=answer.cabina,
            centre_url=centre_url,
            centre_key=answer.centre_key,
            device_key=device_key,
            paired_at=now,
        )
    )
    condition = session.get(Condition, 1) or Condition(id=1)
    condition.clock_seen_at, condition.centre_epoch, condition.machine = answer.now, answer.centre_epoch, machine
    session.add(condition)
    take_lease(session, answer.lease, now=now)
    for told in answer.series:
        row = session.get(SeriesEpoch, told.epoch) or SeriesEpoch(epoch=told.epoch, series=told.series)
        row.device_key, row.held_seq, row.known = told.device_key, told.held_seq, True
        row.lease = _text(told.lease) if told.lease else row.lease or ""
        session.add(row)
        session.flush()
        condition.behind = condition.behind or last_seq(session, told.epoch) < told.held_seq
    take_catalogue(session, answer.catalogue, now=now)
    return answer.cabina


def move_centre(session: Session, centre_url: str, *, now: datetime) -> None:
    """The centre answers at another address now; who it is (its key) stays. Raises NotPaired."""
    known = identity(session)
    if known is None:
        raise NotPaired()
    if known.centre_url != centre_url:
        session.add(
            Identity(
                cabina=known.cabina,
                centre_url=centre_url,
                centre_key=known.centre_key,
                device_key=known.device_key,
                paired_at=now,
            )
        )


def take_lease(session: Session, sealed: Sealed[Lease], *, now: datetime, machine: str = "") -> None:
    """A renewal, or a new series, which opens a stopped till again on the PC (`machine`) that it was granted to. An older epoch
    than the last one is history and changes nothing."""
    lease = unsealed(sealed, Lease)
    text = _text(sealed)
    last = session.scalar(select(LeaseRow).order_by(LeaseRow.epoch.desc(), LeaseRow.id.desc()).limit(1))
    if last is not None and (last.epoch > lease.epoch or last.sealed == text):
        return
    session.add(LeaseRow(epoch=lease.epoch, sealed=text, taken_at=now))
    row = session.get(SeriesEpoch, lease.epoch)
    if row is None:
        row = SeriesEpoch(epoch=lease.epoch, series=lease.series, device_key=lease.device_key)
        session.add(row)
    row.lease = text
    condition = session.get_one(Condition, 1)
    if condition.frozen_epoch is not None and condition.frozen_epoch < lease.epoch:
        condition.frozen_epoch = condition.frozen_reason = None
        condition.machine = machine or condition.machine


def take_catalogue(session: Session, sealed: Sealed[Catalogue], *, now: datetime) -> None:
    text = _text(sealed)
    version = unsealed(sealed, Catalogue).version
    session.add(CatalogueRow(version=version, digest=sha256(text.encode()), sealed=text, taken_at=now))


def take_suspension(session: Session, sealed: Sealed[Suspension], *, now: datetime) -> None:
    """The centre's word on whether this cabin may file; kept when it is another than the last."""
    word, text = unsealed(sealed, Suspension), _text(sealed)
    last = session.scalar(select(SuspensionRow).order_by(SuspensionRow.id.desc()).limit(1))
    if last is None or last.sealed != text:
        session.add(SuspensionRow(suspended=word.suspended, reason=word.reason, sealed=text, taken_at=now))


def _text(sealed: Sealed) -> str:
    return json.dumps(sealed.plain(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
