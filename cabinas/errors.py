"""Refusals that more than one feature of the till gives."""

from __future__ import annotations

from core.errors import Conflict


class Frozen(Conflict):
    code, title = "cabina.serie_congelada", "Serie detenida"
    detail = (
        "Esta cabina no puede registrar nada nuevo: su registro no coincide con el del centro. Lo ya registrado vale. "
        "Conéctela a internet y llame al CAC para recibir una serie nueva."
    )


class HistoryOnItsWay(Conflict):
    code, title = "cabina.historia_en_camino", "Trayendo lo anterior"
    detail = (
        "Esta computadora todavía está trayendo del centro lo que la cabina registró antes: lo que debe y sus cierres. "
        "Déjela con internet; en cuanto termine podrá registrar."
    )
