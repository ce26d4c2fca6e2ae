"""The till's web application. It answers on this PC only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask_babel import Babel
from flask_wtf.csrf import CSRFError

from cabinas import health
from cabinas.access import guard_origin, identify, may
from cabinas.attachments import api as attachments_api
from cabinas.attachments import routes as attachments
from cabinas.base import replies
from cabinas.cures import api as cures_api
from cabinas.cures import routes as cures
from cabinas.enrolment.queries import terms
from cabinas.filing import api as filing_api
from cabinas.filing import routes as filing
from cabinas.filing.draft_routes import left_behind
from cabinas.guide import routes as guide
from cabinas.guide.whom import whom
from cabinas.money import api as money_api
from cabinas.money import routes as money
from cabinas.money import settlement_routes
from cabinas.money.state import cap
from cabinas.operators import routes as operators
from cabinas.paper import routes as paper
from cabinas.paper import setup_routes as printer
from cabinas.shifts import routes as shifts
from cabinas.sync import api as sync_api
from cabinas.sync.queries import losses, sync_state
from cabinas.sync.words import clock_words, held_words, history_words, link_words, lost_notes
from cabinas.till import Till
from cabinas.tracking import routes as tracking
from cabinas.valijas import routes as valijas
from cabinas.verification import routes as verification
from core.errors import Unauthenticated
from core.wire import TRAINING_CABINA
from web.access import enforce
from web.filters import register_filters
from web.problems import register_problems
from web.requests import read_requests
from web.security import protect
from web.settings import Settings

ROOT = Path(__file__).resolve().parent.parent

FEATURES = (
    health.bp,
    filing_api.bp,
    attachments_api.bp,
    cures_api.bp,
    money_api.bp,
    sync_api.bp,
    filing.bp,
    cures.bp,
    attachments.bp,
    money.bp,
    shifts.bp,
    settlement_routes.bp,
    operators.bp,
    paper.bp,
    printer.bp,
    tracking.bp,
    valijas.bp,
    verification.bp,
    guide.bp,
)


def create_app(till: Till, settings: Settings) -> APIFlask:
    """The till's pages and API over a paired cabin's store. Raises NotPaired."""
    app = APIFlask(
        "cabina",
        title="Cabina",
        version="1",
        docs_path=None,
        spec_path=None,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(AUTO_404_RESPONSE=False, AUTO_SERVERS=False, SESSION_COOKIE_NAME="cabina")
    app.extensions.update(store=till.store, till=till, replies=replies, error_page="cabinas/error.html")
    with till.store.read() as session:
        held = terms(session)
    demo = held.catalogue.demo
    if held.lease.cabina == TRAINING_CABINA:  # a browser sends its cookies to every port of this PC
        app.config.update(SESSION_COOKIE_NAME="cabina_capacitacion")
    read_requests(app)
    guard_origin(app)
    protect(app, secret=settings.session_secret(), secure_cookies=False)
    enforce(app, identify=lambda: identify(till.store), may=may, sign_in="operators.sign_in")
    register_problems(app)
    for refusal in (CSRFError, Unauthenticated):
        app.register_error_handler(refusal, left_behind)
    register_filters(app, demo=demo or settings.demo)
    _bar(app, till)
    Babel(app, default_locale="es", locale_selector=lambda: "es")
    for blueprint in FEATURES:
        app.register_blueprint(blueprint)
    return app


def _bar(app: APIFlask, till: Till) -> None:
    """What every page of the till shows at its head."""

    @app.context_processor
    def shared() -> dict[str, Any]:
        with till.store.read() as session:
            held, seen, known = terms(session), sync_state(session), whom(session)
            gone, used = losses(session), cap(session, held)
        training = held.lease.cabina == TRAINING_CABINA
        failing = till.sync is not None and till.sync.failing_since is not None
        return {
            "cabina": held.lease.cabina,
            "convenio": held.catalogue.convenio,
            "whom": known,
            "training": training,
            "link_words": "No se envía nada" if training else link_words(seen, till.sync),
            "link_icon": "wifi-off" if failing or training else "wifi",
            "printer_words": till.spooler.words if till.spooler else "Sin impresora",
            "cap": used,
            "alarm": seen.frozen or seen.suspended,
            "copy_problem": seen.copy_problem,
            "space_words": till.space_words,
            "link_notes": [
                *lost_notes(gone),
                *(words for words in (history_words(seen), held_words(seen), clock_words(seen)) if words),
            ],
        }
