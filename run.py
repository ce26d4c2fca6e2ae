#!/usr/bin/env python3
"""Composition root and command line: the only file that imports every package."""

import gc
import sys

if sys.argv[1:2] in (["serve"], ["cabina"]):
    gc.disable()  # imports make nothing but what stays: looking for garbage among it is a fifth of the start
    from gevent import monkey

    monkey.patch_all()

from pathlib import Path

import click
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from cabinas.cli import cabina
from cac import cli as centre
from cac.demo.cli import demo
from cac.paper.cli import printer
from cac.serve import read_settings, serve_centre
from cac.sync.cli import convenio
from cac.tupa.cli import tupa
from core.clock import now_utc
from core.errors import Rejected
from kiosks.agent.cli import agent
from kiosks.pages import add_pages
from kiosks.pairing.cli import device

gc.freeze()
gc.enable()

EXTENSIONS = (add_pages,)  # what kiosks/ adds to the centre's application


@click.group(help="Mesa CAC: turnos, expedientes y cabinas de una municipalidad.")
def cli() -> None: ...


@cli.command(help="Atiende el centro con los datos de CAC_DATA_DIR.")
@click.option("--host", help="Dirección donde escucha; por omisión solo este equipo (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Puerto; por omisión 8000.")
@click.option("--database-url", help="postgresql+psycopg://…; por omisión SQLite en la carpeta de datos.")
@click.option("--redis-url", help="Cola de mensajes, cuando hay varios procesos.")
@click.option("--tls", is_flag=True, help="HTTPS con una autoridad propia.")
def serve(host: str | None, port: int | None, database_url: str | None, redis_url: str | None, tls: bool) -> None:
    settings = read_settings(host=host, port=port, database_url=database_url, redis_url=redis_url)
    serve_centre(settings, EXTENSIONS, tls=tls, now=now_utc())


COMMANDS = (
    demo,
    cabina,
    centre.token,
    centre.staff,
    printer,
    agent,
    device,
    tupa,
    convenio,
    centre.db,
    centre.backup,
    centre.restore,
    centre.audit,
    centre.doctor,
)
for command in COMMANDS:
    cli.add_command(command)


def main() -> int:
    """Run a command; whatever is wrong is one clear line and a non-zero exit."""
    try:
        return cli(standalone_mode=False) or 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _complain("Interrumpido.", 130)
    except click.ClickException as error:
        return _complain(" ".join(error.format_message().split()), error.exit_code)
    except Rejected as error:
        return _complain(error.detail, 1)
    except ValidationError as error:
        first = error.errors()[0]
        return _complain(f"CAC_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}", 2)
    except SQLAlchemyError as error:
        return _complain(f"La base de datos no responde: {str(error).splitlines()[0]}", 1)


def _complain(sentence: str, status: int) -> int:
    click.echo(f"{Path(sys.argv[0]).name}: {sentence}", err=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
