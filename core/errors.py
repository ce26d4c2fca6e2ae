"""Errors a person or a program is told about: one root, a few kinds, a stable code, a Spanish sentence that says what to do.

Clients and tests depend on `code`, never on `detail`. Everything else that goes wrong is a bug and stays an exception of its own."""

from __future__ import annotations

from typing import Any, ClassVar


class Rejected(Exception):
    """The request was understood and refused. `extra` fields go into the RFC 9457 problem document."""

    code: ClassVar[str] = "solicitud.rechazada"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "Solicitud rechazada"
    detail: str = "No se pudo atender la solicitud."

    def __init__(self, detail: str | None = None, **extra: Any):
        if detail is not None:
            self.detail = detail
        self.extra = extra
        super().__init__(self.detail)


class Invalid(Rejected):
    """What was sent cannot be accepted as it is; `field` names the part to mend."""

    code, status, title = "solicitud.invalida", 422, "Datos por corregir"
    detail = "Hay datos por corregir. Revise lo señalado y vuelva a enviar."


class NotFound(Rejected):
    code, status, title = "recurso.no_existe", 404, "No encontrado"
    detail = "No se encontró lo que busca. Revise la dirección o el número."


class Forbidden(Rejected):
    code, status, title = "acceso.negado", 403, "Acceso negado"
    detail = "Su cuenta no tiene permiso para esto. Pida ayuda al supervisor."


class Unauthenticated(Rejected):
    code, status, title = "acceso.sin_identificar", 401, "Falta identificarse"
    detail = "Inicie sesión o envíe un token válido."


class Conflict(Rejected):
    code, status, title = "recurso.en_conflicto", 409, "No se puede en este momento"
    detail = "El estado cambió mientras tanto. Actualice y vuelva a intentar."


class TooMany(Rejected):
    code, status, title = "acceso.demasiados_intentos", 429, "Demasiados intentos"
    detail = "Hubo demasiados intentos. Espere unos minutos y vuelva a probar."


class Unavailable(Rejected):
    code, status, title = "servicio.no_disponible", 503, "Servicio ocupado"
    detail = "El sistema está ocupado y no pudo confirmar. Repita en unos segundos: no se duplicará."


class Insufficient(Rejected):
    code, status, title = "almacenamiento.sin_espacio", 507, "Sin espacio en disco"
    detail = "No queda espacio en el disco. Libere espacio antes de continuar."
