"""Whether what the cabins' ledgers say they owe is what their cases and treasury's words say: two counts of the same money."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cac.expedientes.models import Charge, Expediente
from cac.sync.models import Cabina
from cac.treasury.ledger import all_balances
from cac.treasury.models import CabinExtorno, CabinPosting, TreasuryWord
from cac.treasury.queries import standing_word
from core.ledger import Balances, EntryKind, municipal_held
from core.settlement import OWED
from core.wire import ConfirmationKind
from intake.fees import CASH

MUNICIPAL = ("derecho", "redondeo")
RECEIVED = (ConfirmationKind.REMITTANCE_CONFIRMED, ConfirmationKind.GUARANTEE_EXECUTED)


@dataclass(frozen=True, slots=True)
class Compared:
    """One cabin; céntimos."""

    code: str
    name: str
    charged_centimos: int  # by the lines of its cases paid in cash
    undone_centimos: int  # of them, undone by confirmed extornos, or set aside before a restore that applied them
    received_centimos: int  # by treasury's words
    ledger_centimos: int  # what its ledger says it owes

    @property
    def receivable_centimos(self) -> int:
        return self.charged_centimos - self.undone_centimos - self.received_centimos

    @property
    def difference_centimos(self) -> int:
        return self.ledger_centimos - self.receivable_centimos


def compare(session: Session) -> list[Compared]:
    """Every cabin, by code. All of them agree unless a row was lost or changed."""
    charged, undone, received = _charged(session), _undone(session), _received(session)
    aside = _set_aside(session)
    balances = all_balances(session)
    return [
        Compared(
            code=cabina.code,
            name=cabina.name,
            charged_centimos=charged[cabina.code],
            undone_centimos=undone[cabina.code] + aside[cabina.id],
            received_centimos=received[cabina.id],
            ledger_centimos=municipal_held(balances.get(cabina.id, Balances())),
        )
        for cabina in session.scalars(select(Cabina).order_by(Cabina.code))
    ]


def _charged(session: Session) -> Counter[str]:
    rows = session.execute(
        select(Expediente.cabina, func.sum(Charge.centimos))
        .join(Charge, Charge.expediente_id == Expediente.id)
        .where(Expediente.cabina.is_not(None), Charge.method == CASH, Charge.concept.in_(MUNICIPAL))
        .group_by(Expediente.cabina)
    )
    return Counter({code: int(centimos) for code, centimos in rows if code})


def _undone(session: Session) -> Counter[str]:
    rows = session.execute(
        select(Expediente.cabina, func.sum(Charge.centimos))
        .join(Charge, Charge.expediente_id == Expediente.id)
        .join(CabinExtorno, CabinExtorno.number == Expediente.number)
        .join(TreasuryWord, standing_word(CabinExtorno))
        .where(
            TreasuryWord.kind == ConfirmationKind.EXTORNO_CONFIRMED,
            Charge.method == CASH,
            Charge.concept.in_(MUNICIPAL),
        )
        .group_by(Expediente.cabina)
    )
    return Counter({code: int(centimos) for code, centimos in rows if code})


def _set_aside(session: Session) -> Counter[int]:
    rows = session.execute(
        select(CabinPosting.cabina_id, func.sum(CabinPosting.centimos))
        .where(
            CabinPosting.kind == EntryKind.SET_ASIDE.value,
            CabinPosting.undoes.startswith(f"{EntryKind.CHARGE}:"),
            CabinPosting.account.in_([account.value for account in OWED]),
        )
        .group_by(CabinPosting.cabina_id)
    )
    return Counter({cabina_id: int(centimos) for cabina_id, centimos in rows})


def _received(session: Session) -> Counter[int]:
    rows = session.execute(
        select(TreasuryWord.cabina_id, func.sum(TreasuryWord.centimos))
        .where(TreasuryWord.kind.in_(RECEIVED), TreasuryWord.displaced_at.is_(None))
        .group_by(TreasuryWord.cabina_id)
    )
    return Counter({cabina_id: int(centimos) for cabina_id, centimos in rows})
