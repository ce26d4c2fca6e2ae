"""The kiosk's page and what it asks while it runs. Nothing is issued without the cookie of a paired kiosk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from werkzeug.wrappers import Response as Answer

from cac.access.roles import KIOSKO
from cac.citas.actions import CitaUnknown, check_in
from cac.citas.queries import takes_citas
from cac.desk import actions as desk
from cac.desk.queries import services_of
from core.clock import now_utc
from core.errors import TooMany
from kiosks.dispenser import queries, texts
from kiosks.dispenser.rules import NO_PAPER, home_mark
from kiosks.pairing.routes import page_of_device, unpaired
from kiosks.signals import take_signal
from web.access import current_principal, public, requires
from web.api import store, write_once
from web.limits import Tries
from web.qr import qr_svg

bp = Blueprint("dispenser", __name__, url_prefix="/kiosko")

WRONG_CODES = 15  # of appointments, at one kiosk
WITHIN = timedelta(minutes=10)


@bp.get("")
@public
def home() -> Answer:
    """The first screen; on a device nobody paired, how to pair it."""
    if current_principal().role != KIOSKO:
        return unpaired(KIOSKO)
    now, language = now_utc(), texts.known(request.args.get("idioma"))
    _ = texts.translator(language)
    services, place, words = _first_screen(now)
    page = render_template(
        "kiosks/dispenser/kiosko.html",
        services=services,
        citas=words["citas"],
        is_open=any(service["open"] for service in services),
        mark=home_mark(services, place | words, greeting=texts.greeting(now, str)),
        languages=[one for one in texts.LANGUAGES if one[0] in words["offered"]],
        greeting=(language == texts.DEFAULT and words["welcome"]) or texts.greeting(now, _),
        closed=(language == texts.DEFAULT and words["closed"]) or None,
        opens=texts.opening(words["opens_at"], language, _),
        **_words(language),
        **place,
    )
    return page_of_device(KIOSKO, page)


@bp.post("/senales")
@requires("dispenser")
def create_signal() -> Response:
    """The page is open, its link and its pairing stand: the supervisor sees the kiosk alive, and whether its clock is right.

    `page` marks what the first screen would show now: an idle kiosk whose own differs opens it anew."""
    now = now_utc()
    services, place, words = _first_screen(now)
    return take_signal(now=now, page=home_mark(services, place | words, greeting=texts.greeting(now, str)))


@bp.post("/tickets")
@requires("dispenser")
def create_ticket() -> Response:
    """One ticket for the key the page made before it was touched."""
    service, preferente = request.form.get("service", ""), request.form.get("preferente") == "1"
    principal, now = current_principal(), now_utc()
    wait = current_app.extensions["forecasts"].of_newcomer(principal.sala, service, preferente=preferente, now=now)
    issued = write_once(
        desk.issue,
        service,
        preferente=preferente,
        channel="kiosko",
        language=texts.known(request.form.get("idioma")),
        principal=principal,
        public_url=_public_url(),
        now=now,
        wait=wait,
        demo=current_app.extensions["settings"].demo,
    )
    return _screen(issued["follow_url"].rsplit("/", 1)[1])


@bp.post("/llegadas")
@requires("dispenser")
def create_arrival() -> Response:
    """The ticket of an appointment whose person is here, by its code or what a scanner read."""
    principal, now = current_principal(), now_utc()
    tries: Tries = current_app.extensions.setdefault("kiosk_codes", Tries(limit=WRONG_CODES, window=WITHIN))
    if tries.too_many(principal.key, now=now):
        raise TooMany("Hubo muchos códigos equivocados. Espere unos minutos o pida ayuda en informes.")
    try:
        issued = write_once(
            check_in,
            request.form.get("codigo", ""),
            preferente=request.form.get("preferente") == "1",
            principal=principal,
            public_url=_public_url(),
            now=now,
            language=texts.known(request.form.get("idioma")),
            demo=current_app.extensions["settings"].demo,
        )
    except CitaUnknown:
        tries.note(principal.key, now=now)
        raise
    return _screen(issued["follow_url"].rsplit("/", 1)[1])


@bp.get("/tickets/<token>")
@requires("dispenser")
def show_ticket(token: str) -> Response:
    """The ticket's screen as its paper stands."""
    return _screen(token)


@bp.get("/qr/<token>.svg")
@requires("dispenser")
def qr(token: str) -> Response:
    return Response(qr_svg(f"{_public_url()}/t/{token}"), mimetype="image/svg+xml")


@bp.get("/voz/opciones.wav")
@requires("dispenser")
def speak_options() -> Response:
    """The first screen said aloud, or with `una` only that tile: what the arrows of a keypad reached."""
    language, one = texts.spoken_in(texts.known(request.args.get("idioma"))), request.args.get("una", "")
    _ = texts.translator(language)
    with store().read() as session:
        services = services_of(session, current_principal().sala, now=now_utc())
        citas = takes_citas(session, current_principal().sala)
    said = texts.spoken_option(services, one, _) if one else texts.spoken_options(services, _, citas=citas)
    return _speech(said, language)


@bp.get("/voz/cita.wav")
@requires("dispenser")
def speak_arrival() -> Response:
    language = texts.spoken_in(texts.known(request.args.get("idioma")))
    return _speech(texts.spoken_arrival(texts.translator(language)), language)


@bp.get("/voz/turno/<token>.wav")
@requires("dispenser")
def speak_ticket(token: str) -> Response:
    language = texts.spoken_in(texts.known(request.args.get("idioma")))
    with store().read() as session:
        shown = queries.ticket_screen(session, token, now=now_utc())
    return _speech(_said(shown, texts.translator(language)), language)


def _first_screen(now: datetime) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    """The services, the names at the head, and what the administrator set."""
    sala = current_principal().sala
    with store().read() as session:
        return (
            services_of(session, sala, now=now),
            queries.place_of(session, sala),
            queries.words_of(session, sala, now=now),
        )


def _said(shown: dict[str, Any], _: Callable[..., str]) -> str:
    return texts.spoken_ticket(shown["ticket"], no_paper=shown["print"] == NO_PAPER, _=_)


def _screen(token: str) -> Response:
    language, principal = texts.known(request.values.get("idioma")), current_principal()
    with store().read() as session:
        shown = queries.ticket_screen(session, token, now=now_utc())
        place = queries.place_of(session, principal.sala)
    html = render_template(
        "kiosks/dispenser/ticket.html", qr=f"/kiosko/qr/{token}.svg", **shown, **_words(language), **place
    )
    said = _said(shown, texts.translator(language))
    return jsonify(html=html, print=shown["print"], code=shown["ticket"]["code"], said=said)


def _words(language: str) -> dict[str, Any]:
    return {
        "_": texts.translator(language),
        "language": language,
        "lang": "es-PE" if language == "es" else language,
        "spoken": texts.spoken_in(language) == language,
    }


def _speech(text: str, language: str) -> Response:
    return Response(current_app.extensions["speech"].wav(text, language), mimetype="audio/wav")


def _public_url() -> str:
    return str(current_app.extensions["settings"].public_url).rstrip("/")
