"""What a caller of `Store.write` may be told besides its verb's own error. All are 503: repeating with the same key is safe."""

from __future__ import annotations

from core.errors import Unavailable


class StoreError(Unavailable):
    """A write that is not confirmed. `why` is for the log; people read `detail`."""

    def __init__(self, why: str = ""):
        super().__init__()
        self.why = why

    def __str__(self) -> str:
        return self.why or self.detail


class Overloaded(StoreError):
    """Too many wait, or this one waited too long. It was not run."""

    code, title = "servicio.saturado", "Demasiadas solicitudes a la vez"
    detail = "Hay demasiadas solicitudes en espera y la suya no se atendió. Repita en unos segundos."


class NotSaved(StoreError):
    """The database refused the transaction. Nothing of it was kept."""

    code, title = "servicio.no_guardado", "No se guardó"
    detail = "No se pudo guardar y no quedó nada a medias. Repita en unos segundos; si sigue, avise a sistemas."


class OutcomeUnknown(StoreError):
    """The link broke during COMMIT: saved or not, only a look can tell. Never repeated by us."""

    code, title = "servicio.resultado_desconocido", "No se sabe si se guardó"
    detail = "Se cortó la conexión al guardar y no se sabe si quedó registrado. Repita el envío: no se duplicará."


class Stopped(StoreError):
    """The writer is closed, or died. It was not run."""

    code, title = "servicio.detenido", "El sistema se está deteniendo"
    detail = "El sistema se está deteniendo y no atendió la solicitud. Repita cuando vuelva a estar disponible."


class NestedWrite(RuntimeError):
    """A verb or an effect called store.write and would wait for itself. A bug: call the verb."""
