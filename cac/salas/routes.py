"""/admin/salas: sites and salas, and one page a subject of each sala. A page of another feature about a sala extends
`cac/salas/_sala.html`, gives it `sala`, and adds its line to `cac/admin/_sala_nav.html`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from cac.admin.forms import Page, Typed, press, saved
from cac.paper.wording import for_a4, picture_of
from cac.salas import actions, queries, rules
from cac.salas.pictograms import PICTOGRAMS, WORDS
from core.clock import lima_day, now_utc
from core.errors import NotFound
from core.holidays import holidays_from
from printing import pdf
from printing.papers import TicketPaper
from printing.pdf.sheets import PosterSheet
from ticketing.numbering import PREFERENTE_SERIES
from ticketing.policy import Attends
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("salas", __name__, url_prefix="/admin")

ATTENDS = {
    Attends.ALL.value: "Todos",
    Attends.GENERAL.value: "Solo general",
    Attends.PREFERENTE.value: "Solo preferente",
}
HOLIDAYS_SHOWN = 4
NAME_MISSING = "Escriba un nombre que permita reconocerlo."


@bp.get("/salas")
@requires("setup.write")
def index() -> str:
    return _index({}, {})


@bp.post("/sedes")
@requires("setup.write")
def add_site() -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        values = {"code": _code(typed), **_site_values(typed)}
        typed.check()
        return _write(actions.add_site, **values)

    return press(
        write,
        done=lambda made: saved(f"La sede {made['name']} quedó registrada. Agregue su primera sala.", "salas.index"),
        again=lambda errors: _index(request.form, {f"site-new-{name}": text for name, text in errors.items()}),
    )


@bp.post("/sedes/<code>")
@requires("setup.write")
def save_site(code: str) -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        values = _site_values(typed)
        typed.check()
        return _write(actions.save_site, code, values)

    return press(
        write,
        done=lambda _: saved("Sede guardada. Los papeles y kioscos ya llevan sus nombres.", "salas.index"),
        again=lambda errors: _index(request.form, {f"site-{code}-{name}": text for name, text in errors.items()}),
    )


@bp.post("/salas")
@requires("setup.write")
def add_sala() -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        values = {
            "site": typed.text("site", longest=40, missing="Elija la sede."),
            "code": _code(typed),
            "name": typed.text("name", longest=120, missing=NAME_MISSING),
        }
        typed.check()
        return _write(actions.add_sala, **values)

    return press(
        write,
        done=lambda made: saved(
            f"{made['name']} quedó creada. Agregue sus servicios y ventanillas.", "salas.services", code=made["code"]
        ),
        again=lambda errors: _index(request.form, {f"sala-new-{name}": text for name, text in errors.items()}),
    )


@bp.get("/salas/<code>")
@requires("setup.write")
def data(code: str) -> str:
    return _data(code, {})


@bp.post("/salas/<code>")
@requires("setup.write")
def save_data(code: str) -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        values = {
            "name": typed.text("name", longest=120, missing=NAME_MISSING),
            "preferente_series": PREFERENTE_SERIES if typed.ticked("own_series") else None,
        }
        typed.check()
        return _write(actions.save_sala, code, values)

    return press(
        write,
        done=lambda _: saved("Datos guardados.", "salas.data", code=code),
        again=lambda errors: _data(code, errors),
    )


@bp.get("/salas/<code>/horario")
@requires("setup.write")
def hours(code: str) -> str:
    return _hours(code, {}, {})


@bp.post("/salas/<code>/horario")
@requires("setup.write")
def save_hours(code: str) -> Page:
    return press(
        lambda: _write(actions.set_week, code, _week(), holidays_off=request.form.get("holidays") == "1"),
        done=lambda _: saved("Horario guardado. Los kioscos ya lo siguen.", "salas.hours", code=code),
        again=lambda errors: _hours(code, request.form, errors),
    )


@bp.post("/salas/<code>/horario/dias")
@requires("setup.write")
def add_date(code: str) -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        day = typed.day("day")
        if day is not None and day < lima_day(now_utc()):
            typed.wrong("day", "Ese día ya pasó. Elija hoy o un día después.")
        reason = typed.text("reason", longest=80, missing="Escriba el motivo: el kiosco lo muestra.")
        spans: rules.Hours = []
        try:
            spans = rules.day_hours(
                [(request.form.get(f"from{n}", ""), request.form.get(f"until{n}", "")) for n in ("", "-2")]
            )
        except rules.SpanWrong as wrong:
            typed.wrong("hours", str(wrong))
        if request.form.get("kind") == "half" and not spans:
            typed.wrong("hours", "Escriba de qué hora a qué hora se atiende ese día.")
        typed.check()
        return _write(actions.set_date, code, day, spans if request.form.get("kind") == "half" else [], reason=reason)

    return press(
        write,
        done=lambda _: saved("Día agregado.", "salas.hours", code=code),
        again=lambda errors: _hours(code, request.form, {f"date-{name}": text for name, text in errors.items()}),
    )


@bp.post("/salas/<code>/horario/dias/<day>/bajas")
@requires("setup.write")
def remove_date(code: str, day: str) -> Page:
    try:
        of = date.fromisoformat(day)
    except ValueError:
        raise NotFound() from None
    return press(
        lambda: _write(actions.set_date, code, of, None),
        done=lambda _: saved("Ese día vuelve al horario de siempre.", "salas.hours", code=code),
        again=lambda errors: _hours(code, {}, errors),
    )


@bp.get("/salas/<code>/servicios")
@requires("setup.write")
def services(code: str) -> str:
    return _services(code, {})


@bp.get("/salas/<code>/servicios/nuevo")
@requires("setup.write")
def new_service(code: str) -> str:
    return _service(code, None, {})


@bp.post("/salas/<code>/servicios")
@requires("setup.write")
def add_service(code: str) -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        letter = typed.text("code", longest=2, missing="Escriba la letra de sus tickets.").upper()
        if letter and not rules.LETTER.fullmatch(letter):
            typed.wrong("code", "Use una o dos letras de la A a la Z, sin tilde ni ñ.")
        values = _service_values(typed)
        typed.check()
        return _write(actions.add_service, code, letter, values)

    return press(
        write,
        done=lambda made: saved(f"{made['name']} ya se ve en el kiosco.", "salas.services", code=code),
        again=lambda errors: _service(code, None, errors),
    )


@bp.get("/salas/<code>/servicios/<letter>")
@requires("setup.write")
def service(code: str, letter: str) -> str:
    return _service(code, letter, {})


@bp.post("/salas/<code>/servicios/<letter>")
@requires("setup.write")
def save_service(code: str, letter: str) -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        values = _service_values(typed) | {"active": typed.ticked("active")}
        typed.check()
        return _write(actions.save_service, code, letter, values)

    return press(
        write,
        done=lambda made: saved(f"Servicio {letter} · {made['name']} guardado.", "salas.services", code=code),
        again=lambda errors: _service(code, letter, errors),
    )


@bp.post("/salas/<code>/servicios/<letter>/posiciones")
@requires("setup.write")
def move_service(code: str, letter: str) -> Page:
    up = request.form.get("to") == "up"
    return press(
        lambda: _write(actions.move_service, code, letter, up=up),
        done=lambda _: saved(
            f"El servicio {letter} {'subió' if up else 'bajó'} un lugar.", "salas.services", code=code
        ),
        again=lambda errors: _services(code, errors),
    )


@bp.post("/salas/<code>/servicios/<letter>/bajas")
@requires("setup.write")
def remove_service(code: str, letter: str) -> Page:
    return press(
        lambda: _write(actions.remove_service, code, letter),
        done=lambda made: saved(f"El servicio {letter} · {made['name']} se quitó.", "salas.services", code=code),
        again=lambda errors: _service(code, letter, errors, typed=False),
    )


@bp.get("/salas/<code>/ventanillas")
@requires("setup.write")
def ventanillas(code: str) -> str:
    with store().read() as session:
        return render_template(
            "cac/salas/ventanillas.html",
            sala=actions.sala_of(session, code),
            places=queries.ventanillas(session, code),
            names={one["service"].code: one["service"] for one in queries.services(session, code)},
            attends=ATTENDS,
            errors={},
        )


@bp.get("/salas/<code>/ventanillas/nueva")
@requires("setup.write")
def new_ventanilla(code: str) -> str:
    return _ventanilla(code, None, {})


@bp.post("/salas/<code>/ventanillas")
@requires("setup.write")
def add_ventanilla(code: str) -> Page:
    def write() -> Any:
        number, letters, attends = _desk_values(code)
        return _write(actions.add_ventanilla, code, number, letters, attends=attends)

    return press(
        write,
        done=lambda made: saved(f"Ventanilla {made['number']} agregada.", "salas.ventanillas", code=code),
        again=lambda errors: _ventanilla(code, None, errors),
    )


@bp.get("/salas/<code>/ventanillas/<int:number>")
@requires("setup.write")
def ventanilla(code: str, number: int) -> str:
    return _ventanilla(code, number, {})


@bp.post("/salas/<code>/ventanillas/<int:number>")
@requires("setup.write")
def save_ventanilla(code: str, number: int) -> Page:
    def write() -> Any:
        to_number, letters, attends = _desk_values(code)
        return _write(actions.save_ventanilla, code, number, letters, to_number=to_number, attends=attends)

    return press(
        write,
        done=lambda made: saved(f"Ventanilla {made['number']} guardada.", "salas.ventanillas", code=code),
        again=lambda errors: _ventanilla(code, number, errors),
    )


@bp.get("/salas/<code>/limites")
@requires("setup.write")
def limits(code: str) -> str:
    return _columns("limits", code, {})


@bp.post("/salas/<code>/limites")
@requires("setup.write")
def save_limits(code: str) -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        values = {name: typed.count(name, low, high) for name, (low, high) in rules.LIMITS.items()}
        typed.check()
        return _write(actions.save_sala, code, values)

    return press(
        write,
        done=lambda _: saved("Límites guardados.", "salas.limits", code=code),
        again=lambda errors: _columns("limits", code, errors),
    )


@bp.get("/salas/<code>/textos")
@requires("setup.write")
def texts(code: str) -> str:
    return _columns("texts", code, {})


@bp.post("/salas/<code>/textos")
@requires("setup.write")
def save_texts(code: str) -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        values: dict[str, Any] = {name: typed.text(name, longest=longest) for name, longest in rules.TEXTS.items()}
        offered = [language for language in rules.LANGUAGES if typed.ticked(f"kiosk-{language}")]
        if "es" not in offered:
            typed.wrong("kiosk_languages", "El español se queda: es el idioma en que el kiosco vuelve al inicio.")
        typed.check()
        return _write(actions.save_sala, code, values | {"kiosk_languages": offered})

    return press(
        write,
        done=lambda _: saved(
            "Textos e idiomas guardados. Los kioscos abiertos los muestran en segundos.", "salas.texts", code=code
        ),
        again=lambda errors: _columns("texts", code, errors),
    )


@bp.get("/salas/<code>/cartel.pdf")
@requires("setup.write")
def poster(code: str) -> Response:
    """A page for the door: the QR with which a phone takes a turn."""
    settings = current_app.extensions["settings"]
    with store().read() as session:
        site = queries.site_of(session, actions.sala_of(session, code))
        turno = f"{settings.public_url.rstrip('/')}/turno"
        held = for_a4(session, PosterSheet(site=site.name, office=site.office, url=turno, demo=settings.demo))
    return Response(pdf.draw(*held), mimetype="application/pdf")


@bp.get("/salas/<code>/textos/ticket.png")
@requires("setup.write")
def ticket_picture(code: str) -> Response:
    """A ticket of the sala as its printer draws it, with the foot that is being typed."""
    foot, now = request.args.get("pie", "")[: rules.TEXTS["ticket_foot"]], now_utc()
    settings = current_app.extensions["settings"]
    with store().read() as session:
        sala = actions.sala_of(session, code)
        site = queries.site_of(session, sala)
        paper = TicketPaper(
            site=site.name,
            office=site.office,
            code="A-047",
            service="Partidas",
            issued_at=now,
            ahead=6,
            wait_minutes=(15, 25),
            follow_url=f"{settings.public_url.rstrip('/')}/t/ejemplo",
            calls=sala.recalls,
            foot=foot,
            demo=settings.demo,
        )
        drawn = picture_of(session, paper)
    return Response(drawn, mimetype="image/png", headers={"Cache-Control": "private, no-store"})


def _write(verb: Any, *args: Any, **values: Any) -> Any:
    return write_once(verb, *args, principal=current_principal(), now=now_utc(), **values)


def _code(typed: Typed) -> str:
    code = typed.text("code", longest=40, missing="Escriba un código corto, como norte.")
    if code and not rules.CODE.fullmatch(code):
        typed.wrong("code", "Use solo minúsculas sin tilde, números y guiones, como sala-norte.")
    return code


def _site_values(typed: Typed) -> dict[str, str]:
    return {
        "name": typed.text("name", longest=120, missing="Escriba el nombre de la municipalidad."),
        "office": typed.text("office", longest=120, missing="Escriba el nombre de la oficina."),
    }


def _service_values(typed: Typed) -> dict[str, Any]:
    return {
        "name": typed.text("name", longest=60, missing="Escriba la palabra que se lee en el kiosco."),
        "example": typed.text("example", longest=120),
        "group_name": typed.text("group_name", longest=40),
        "icon": typed.choice("icon", WORDS, missing="Elija un dibujo."),
    }


def _desk_values(code: str) -> tuple[int, list[str], Attends]:
    typed = Typed(request.form)
    number = typed.count("number", 1, rules.MAX_VENTANILLAS)
    attends = typed.choice("attends", ATTENDS, missing="Elija a quiénes atiende.")
    with store().read() as session:
        known = [one["service"].code for one in queries.services(session, code)]
    placed = {letter: request.form.get(f"place-{letter}", "") for letter in known}
    letters = rules.chosen_order(placed, known)
    if not letters:
        typed.wrong("services", actions.NothingToAttend.detail)
    typed.check()
    return number, letters, Attends(attends)


def _week() -> list[rules.Hours] | None:
    """The week of the form, Monday first; None for day and night. Raises Invalid with each day that cannot be."""
    typed = Typed(request.form)
    if typed.ticked("always"):
        return None
    week: list[rules.Hours] = []
    for day in range(len(rules.WEEK)):
        spans = [(request.form.get(f"{day}-{n}-from", ""), request.form.get(f"{day}-{n}-until", "")) for n in range(9)]
        try:
            week.append(rules.day_hours(spans))
        except rules.SpanWrong as wrong:
            typed.wrong(f"day-{day}", str(wrong))
    if not typed.errors and not any(week):
        typed.wrong("form", "Escriba el horario de al menos un día, o marque que abre día y noche.")
    typed.check()
    return week


def _index(form: Mapping[str, str], errors: dict[str, str]) -> str:
    with store().read() as session:
        sites = queries.sites(session, now=now_utc())
        return render_template(
            "cac/salas/index.html",
            sites=sites,
            site_options=[(row["site"].code, row["site"].office) for row in sites],
            form=form,
            errors=errors,
        )


def _data(code: str, errors: dict[str, str]) -> str:
    with store().read() as session:
        sala = actions.sala_of(session, code)
        stored = {"name": sala.name, "own_series": "1" if sala.preferente_series else ""}
        form = request.form if errors else stored
        site = queries.site_of(session, sala)
        return render_template("cac/salas/data.html", sala=sala, site=site, form=form, errors=errors)


def _hours(code: str, form: Mapping[str, str], errors: dict[str, str]) -> str:
    typed_date = any(name.startswith("date-") for name in errors)
    with store().read() as session:
        sala = actions.sala_of(session, code)
        return render_template(
            "cac/salas/hours.html",
            sala=sala,
            week=rules.WEEK,
            spans=range(queries.spans_shown(sala.timetable)),
            form=form if errors and not typed_date else queries.week_form(sala.timetable),
            dates=queries.exceptions(sala.timetable, since=lima_day(now_utc())),
            holidays=tuple(islice(holidays_from(lima_day(now_utc())), HOLIDAYS_SHOWN)),
            date_form=form if typed_date else {},
            errors=errors,
        )


def _services(code: str, errors: dict[str, str]) -> str:
    with store().read() as session:
        sala, found = actions.sala_of(session, code), queries.services(session, code)
        return render_template("cac/salas/services.html", sala=sala, services=found, words=WORDS, errors=errors)


def _service(code: str, letter: str | None, errors: dict[str, str], *, typed: bool = True) -> str:
    """The form of a service, new when `letter` is None; with what was typed when it was refused."""
    with store().read() as session:
        found = queries.service(session, code, letter) if letter else None
        if letter and found is None:
            raise NotFound()
        stored = {
            name: getattr(found, name) if found else "" for name in ("code", "name", "example", "group_name", "icon")
        } | {"active": "1" if found and found.active else ""}
        return render_template(
            "cac/salas/service.html",
            sala=actions.sala_of(session, code),
            service=found,
            form=request.form if errors and typed else stored,
            groups=queries.groups(session, code),
            pictograms=PICTOGRAMS,
            errors=errors,
        )


def _ventanilla(code: str, number: int | None, errors: dict[str, str]) -> str:
    """The form of a ventanilla, new when `number` is None; with what was typed when it was refused."""
    with store().read() as session:
        places = queries.ventanillas(session, code)
        place = next((one for one in places if one["place"].number == number), None)
        if number is not None and place is None:
            raise NotFound()
        offered = queries.services(session, code)
        free = max((one["place"].number for one in places), default=0) + 1
        skills = place["skills"] if place else [one["service"].code for one in offered]
        stored = {
            "number": str(number or free),
            "attends": place["place"].attends if place else Attends.ALL.value,
            **{f"place-{letter}": str(at) for at, letter in enumerate(skills, 1)},
        }
        return render_template(
            "cac/salas/ventanilla.html",
            sala=actions.sala_of(session, code),
            number=number,
            services=[one["service"] for one in offered],
            attends=list(ATTENDS.items()),
            form=request.form if errors else stored,
            errors=errors,
        )


def _columns(page: str, code: str, errors: dict[str, str]) -> str:
    """The page of the limits, or of the texts and languages."""
    with store().read() as session:
        sala = actions.sala_of(session, code)
        stored: dict[str, Any] = {name: str(getattr(sala, name)) for name in (*rules.LIMITS, *rules.TEXTS)}
        stored |= {f"kiosk-{language}": "1" for language in sala.kiosk_languages}
        return render_template(
            f"cac/salas/{page}.html",
            sala=sala,
            site=queries.site_of(session, sala),
            form=request.form if errors else stored,
            limits=rules.LIMITS,
            lengths=rules.TEXTS,
            languages=rules.LANGUAGES,
            errors=errors,
        )
