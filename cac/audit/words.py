"""The log in words. Codes are Spanish already, without accents: what this page does not name reads well enough as it is."""

from __future__ import annotations

WHAT = {
    "acceso": "Acceso",
    "alerta": "Alerta",
    "cabina": "Cabina",
    "caja": "Caja",
    "cierre": "Cierre de caja",
    "cita": "Cita",
    "device": "Equipo",
    "devolucion": "Devolución",
    "equipo": "Equipo",
    "expediente": "Expediente",
    "impresion": "Impresión",
    "impresora": "Impresora",
    "person": "Persona",
    "persona": "Persona",
    "personal": "Personal",
    "sala": "Sala",
    "sede": "Sede",
    "service": "Servicio",
    "servicio": "Servicio",
    "site": "Sede",
    "staff": "Cuenta",
    "tesoreria": "Tesorería",
    "ticket": "Turno",
    "token": "Token",
    "tupa": "TUPA",
    "ventanilla": "Ventanilla",
}
DONE = {
    "anulacion": "anulación",
    "atencion": "atención",
    "calibracion": "calibración",
    "codigo": "código de emparejamiento",
    "derivacion": "derivación",
    "devolucion": "devolución",
    "emision": "emisión",
    "equipo_revocado": "equipo revocado",
    "extorno_confirmado": "extorno confirmado",
    "no_atendido": "no atendido al cierre",
    "observacion": "recibido con observación",
    "palabra_recuperada": "confirmación recuperada",
    "palabra_reemplazada": "palabra dada otra vez, reemplazada por la que la cabina ya tenía",
    "pase": "derivado",
    "reactivacion": "reactivación",
    "recepcion": "recepción",
    "rectificacion": "rectificación",
    "reposicion": "reposición",
    "resolucion": "resolución",
    "ruta": "papeles que imprime",
    "subsanacion": "subsanación",
}


def action_words(action: str) -> str:
    """`ticket.derivacion` -> "Turno: derivación"."""
    what, _, done = action.partition(".")
    return f"{_named(what)}: {DONE.get(done, done.replace('_', ' '))}" if done else _named(what)


def subject_words(subject: str) -> str:
    """`cabina:C01` -> "Cabina C01"."""
    what, _, which = subject.partition(":")
    return f"{_named(what)} {which}".rstrip()


def _named(what: str) -> str:
    return WHAT.get(what, what.replace("_", " ").capitalize())
