"""The centre's web application, put together from its features."""

from __future__ import annotations

from pathlib import Path

from apiflask import APIFlask
from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from werkzeug.middleware.proxy_fix import ProxyFix

from cac.access import routes as access
from cac.access.identify import Identity
from cac.access.roles import may
from cac.admin import convenio_routes
from cac.admin import routes as admin
from cac.admin import setup_routes as admin_setup
from cac.audit.reads import ReadLog
from cac.bandeja import routes as bandeja
from cac.base import replies
from cac.calendar import load_calendar
from cac.cases import routes as cases
from cac.citas.routes import citizen as citas
from cac.citas.routes import setup as citas_setup
from cac.citas.routes import staff as citas_staff
from cac.desk.forecast import Forecasts
from cac.desk.live import go_live
from cac.desk.routes import api as desk_api
from cac.desk.routes import pages as desk_pages
from cac.expedientes import routes as expedientes
from cac.expedientes.tracking import Tracking
from cac.filing import routes as filing
from cac.health import routes as health
from cac.opinions import routes as opinions
from cac.paper.loop import start_spool
from cac.paper.routes import agents as paper_agents
from cac.paper.routes import api as paper_api
from cac.paper.routes import pages as paper_pages
from cac.paper.routes import setup as paper_setup
from cac.paper.routes import wording as paper_wording
from cac.portal import routes as portal
from cac.preferente import routes as preferente
from cac.replay import routes as replay
from cac.reports import alert_routes, report_routes
from cac.reports import routes as reports
from cac.reports.loop import tasks as report_tasks
from cac.reports.queries import Typical
from cac.salas import order_routes as salas_order
from cac.salas import routes as salas
from cac.screens import routes as screens
from cac.sync import held_routes, rebuilt_routes
from cac.sync import routes as sync
from cac.till import routes as till
from cac.till import unpaid_routes as unpaid
from cac.treasury import guarantee_routes, settlement_routes, void_routes
from cac.treasury import routes as treasury
from cac.tupa import routes as tupa
from cac.valijas import routes as valijas
from storage import Store
from web.access import ANYBODY, enforce
from web.compression import compress
from web.filters import register_filters
from web.problems import register_problems
from web.requests import read_requests
from web.security import protect
from web.settings import Settings

ROOT = Path(__file__).resolve().parent.parent

FEATURES = (
    access.bp,
    admin.bp,
    admin_setup.bp,
    convenio_routes.bp,
    salas_order.bp,
    citas.bp,
    citas_setup.bp,
    citas_staff.bp,
    desk_api.api,
    desk_pages.bp,
    expedientes.api,
    bandeja.bp,
    cases.bp,
    filing.bp,
    health.bp,
    health.api,
    opinions.bp,
    paper_agents.api,
    paper_api.api,
    paper_pages.bp,
    paper_setup.bp,
    paper_wording.bp,
    portal.bp,
    preferente.bp,
    reports.bp,
    alert_routes.bp,
    report_routes.bp,
    replay.bp,
    salas.bp,
    screens.bp,
    sync.api,
    held_routes.bp,
    rebuilt_routes.bp,
    till.api,
    till.bp,
    unpaid.bp,
    treasury.api,
    treasury.bp,
    guarantee_routes.bp,
    settlement_routes.bp,
    void_routes.bp,
    tupa.api,
    valijas.bp,
)


def create_app(store: Store, settings: Settings) -> APIFlask:
    """The centre on `store`. kiosks/ adds its pages to it in run.py."""
    app = APIFlask(
        "cac",
        title="Mesa CAC",
        version="1",
        docs_path=None,
        spec_path=None,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(OPENAPI_VERSION="3.1.0", AUTO_404_RESPONSE=False, AUTO_SERVERS=False)
    app.extensions.update(store=store, settings=settings, replies=replies, reads=ReadLog(store))
    app.extensions["calendar"] = load_calendar(settings)
    app.extensions["tracking"] = Tracking(store)
    read_requests(app)
    identity = Identity(store)
    app.extensions["identity"] = identity
    protect(app, secret=settings.session_secret(), secure_cookies=settings.public_url.startswith("https"))
    compress(app)
    _sign_in(app, identity)
    enforce(app, identify=identity.of_request, may=may, sign_in="access.sign_in")
    register_problems(app)
    register_filters(app, demo=settings.demo)
    Babel(app, default_locale="es", locale_selector=lambda: "es")
    start_spool(app, store)
    app.extensions["forecasts"] = Forecasts(store)
    app.extensions["typical"] = Typical()
    app.extensions.setdefault("tasks", []).extend(report_tasks(store))
    go_live(app, store, settings)
    for blueprint in FEATURES:
        app.register_blueprint(blueprint)
    if settings.proxies:  # without it everybody behind a proxy shares one address, and its limits
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _sign_in(app: Flask, identity: Identity) -> None:
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.user_loader
    def load(staff_id: str) -> access.SignedIn | None:
        principal = identity.of_staff_id(int(staff_id))
        return None if principal is ANYBODY else access.SignedIn(principal)
