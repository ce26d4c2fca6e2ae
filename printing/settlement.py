"""The paper of a settlement out of its figures; the cabin and the centre print the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.settlement import Settlement
from core.wire import Liquidacion
from printing.papers import Aside, Charge, Remittance, SettlementPaper


def closed_paper(closed: Liquidacion, *, demo: bool) -> SettlementPaper:
    """The same paper at both ends, to the letter: all of it is in what treasury signed."""
    return settlement_paper(
        closed.settlement(),
        site=closed.municipality,
        office="Tesorería",
        cabina=f"{closed.cabina} {closed.name}",
        remittances=(Remittance(one.on, one.reference, one.centimos, one.state) for one in closed.remittances),
        asides=(Aside(one.on, one.about, one.centimos) for one in closed.asides),
        prepared_by=closed.by,
        issued_at=closed.at,
        demo=demo,
    )


def settlement_paper(
    told: Settlement,
    *,
    site: str,
    office: str,
    cabina: str,
    remittances: Iterable[Remittance],
    asides: Iterable[Aside],
    prepared_by: str,
    issued_at: datetime,
    demo: bool,
) -> SettlementPaper:
    return SettlementPaper(
        site=site,
        office=office,
        number=told.number,
        cabina=cabina,
        from_on=told.from_on,
        to_on=told.to_on,
        issued_at=issued_at,
        filings=told.filings,
        lines=tuple(Charge(label, centimos) for label, centimos in told.rows),
        total_centimos=told.closing_centimos,
        notes=tuple(Charge(label, centimos) for label, centimos in told.notes if centimos),
        remittances=tuple(remittances),
        asides=tuple(asides),
        prepared_by=prepared_by,
        check_code=told.check_code,
        demo=demo,
    )
