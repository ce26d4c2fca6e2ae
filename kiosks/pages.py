"""What kiosks/ adds to the centre's application; run.py hands it to the server."""

from __future__ import annotations

from apiflask import APIFlask

from kiosks.dispenser import routes as dispenser
from kiosks.display import routes as display
from kiosks.follow import routes as follow
from kiosks.opinions import routes as opinions
from kiosks.pairing import routes as pairing
from kiosks.tablet import routes as tablet
from kiosks.voice.speech import Speech
from storage import Store
from web.settings import Settings

PAGES = (dispenser.bp, display.bp, follow.bp, opinions.bp, pairing.bp, tablet.bp)


def add_pages(app: APIFlask, store: Store, settings: Settings) -> None:
    app.extensions["speech"] = Speech(settings.data_dir / "voz")
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
