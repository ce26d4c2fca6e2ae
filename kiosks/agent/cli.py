"""`run.py agent`: print here the jobs of a printer of the centre."""

from __future__ import annotations

import signal
import time
from typing import Any

import click
import requests

from kiosks.agent.centre import CentreJobs
from printing.ports import open_port
from printing.spool import Worker

RETRY_S = 5.0


@click.command()
@click.option("--centre", required=True, help="Dirección del centro, por ejemplo https://cac.municipalidad.gob.pe")
@click.option("--token", required=True, envvar="CAC_AGENT_TOKEN", help="Token de rol agente, de la impresora.")
@click.option("--printer", "url", required=True, help="La impresora de este equipo, por ejemplo usb://04b8:0e15")
@click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="Autoridad del centro, si la hizo él mismo.")
@click.option("--pin", help="O solo la huella de esa autoridad, que muestra «serve --tls».")
def agent(centre: str, token: str, url: str, ca: str | None, pin: str | None) -> None:
    """Imprime en este equipo los papeles de su impresora del centro (agent://NOMBRE).

    Solo llama hacia afuera; si se corta el enlace, sigue donde quedó."""
    port = open_port(url)
    source = CentreJobs(centre, token, ca, pin)
    worker = Worker(source, port, on_error=_tell)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    about = _about(source, worker)
    if about:
        click.echo(f"Imprimiendo lo de {about['printer']} en {url}. Ctrl-C detiene.")
        worker.loop()


def _about(source: CentreJobs, worker: Worker) -> dict[str, Any] | None:
    """What the centre says of this agent, once it answers; None when stopped before."""
    told = False
    while not worker.stopped:
        try:
            return source.describe()
        except (requests.RequestException, OSError):
            if not told:
                click.echo("El centro no responde todavía; se sigue intentando.", err=True)
            told = True
            time.sleep(min(RETRY_S, 1.0))
    return None


def _tell(error: Exception) -> None:
    click.echo(f"Se reintentará: {error}", err=True)
