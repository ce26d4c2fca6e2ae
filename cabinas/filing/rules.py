"""Whether this till may number a case, and with what number. Pure."""

from __future__ import annotations

from datetime import datetime

from cabinas.errors import Frozen
from core.clock import lima_day
from core.errors import Conflict, Insufficient
from core.ids import ExpedienteNumber
from core.wire import Lease

WARN_LEFT_PERCENT = 20  # of a lease's numbers


class SeriesExhausted(Conflict):
    code, title = "cabina.serie_agotada", "Se acabaron los números"
    detail = (
        "Ya no quedan números autorizados en esta cabina. Conéctela a internet: los recibe sola en menos de un minuto. "
        "Si no puede, llame al CAC."
    )


class Suspended(Conflict):
    code, title = "cabina.suspendida", "Cabina suspendida"
    detail = "La Municipalidad suspendió esta cabina: no puede registrar trámites nuevos. Llame a Tesorería."


class NoSpace(Insufficient):
    code, title = "cabina.sin_espacio", "Sin espacio en el disco"
    detail = "No queda espacio en el disco de esta PC. No cobre: libere espacio y vuelva a intentar."


def number_year(now: datetime, *, last_year: int, lease: Lease) -> int:
    """The year a number is given in. It only grows on a device, and is never before the one the centre leased in."""
    return max(lima_day(now).year, last_year, lease.year)


def next_sequence(lease: Lease, year: int, *, last: int) -> int:
    """The sequence after `last` (0: none yet) in `year`, never outside the lease. Raises SeriesExhausted, Frozen."""
    first, limit = lease.bounds(year)
    if 0 < last < first - 1:
        raise Frozen()  # the centre knows of numbers that this database does not: it was restored from a copy
    sequence = max(last + 1, first)
    if sequence > limit:
        raise SeriesExhausted()
    return sequence


def numbers_left(lease: Lease, year: int, *, last: int) -> int:
    first, limit = lease.bounds(year)
    return max(0, limit - max(last, first - 1))


def few_left(lease: Lease, left: int) -> bool:
    return left * 100 <= (lease.last - lease.first + 1) * WARN_LEFT_PERCENT


def expediente_number(lease: Lease, year: int, sequence: int) -> ExpedienteNumber:
    return ExpedienteNumber(year, lease.cabina, lease.series, sequence)
