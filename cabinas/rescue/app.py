"""The web application of a till that may not work."""

from __future__ import annotations

from pathlib import Path

from apiflask import APIFlask
from flask_babel import Babel

from cabinas.access import guard_origin
from cabinas.guide.whom import kept
from cabinas.rescue.routes import Rescue, bp
from web.access import ANYBODY, enforce
from web.filters import register_filters
from web.problems import register_problems
from web.requests import read_requests
from web.security import protect
from web.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent


def create_rescue(rescue: Rescue, settings: Settings) -> APIFlask:
    """The pages of a till that may not work. Whoever is at the PC may use them: nothing they do loses anything."""
    app = APIFlask(
        "cabina-rescate",
        docs_path=None,
        spec_path=None,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(AUTO_404_RESPONSE=False, AUTO_SERVERS=False, SESSION_COOKIE_NAME="cabina")
    app.extensions.update(rescue=rescue, error_page="cabinas/error.html")
    read_requests(app)
    guard_origin(app)
    protect(app, secret=settings.session_secret(), secure_cookies=False)
    enforce(app, identify=lambda: ANYBODY, may=lambda role, permission: False, sign_in="rescue.show")
    register_problems(app)
    register_filters(app, demo=settings.demo)
    Babel(app, default_locale="es", locale_selector=lambda: "es")
    app.context_processor(lambda: {"whom": kept(rescue.database.parent)})
    app.register_blueprint(bp)
    return app
