"""`run.py cabina update` and `rollback`: another version of the program under the same data, and back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from cabinas.install import fetching, service, versions
from cabinas.install.place import Place, default_data
from cabinas.serve import DATABASE, read_settings
from core.clock import now_utc
from web.server import Refused
from web.settings import Settings

folder_option = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Carpeta de datos; por omisión la instalada.",
)


@click.command(help="Cambia la caja a otra versión; si algo falla vuelve sola a la de antes, con su base.")
@click.argument("version", required=False)
@click.option(
    "--from", "source", type=click.Path(path_type=Path, exists=True), help="Carpeta con la versión ya preparada."
)
@folder_option
def update(version: str | None, source: Path | None, folder: Path | None) -> None:
    settings, place = _found(folder)
    after = source.resolve() if source else fetching.fetch(versions.program_in_use(settings), version)
    with service.stopped(place):
        if place.user:
            words = ("update", "--from", str(after), "--dir", str(place.data))
            service.as_user(place.user, versions.program_in_use(settings), *words)
        else:
            versions.update(settings, after, now=now_utc())
            click.echo(f"La caja es ahora la versión de {after}. Para volver: cabina rollback.")
    if not source:
        fetching.forget_others(after, keep=versions.program_before(settings))


@click.command(help="Vuelve a la versión de antes de la última actualización; todo lo registrado queda.")
@folder_option
def rollback(folder: Path | None) -> None:
    settings, place = _found(folder)
    with service.stopped(place):
        if place.user:
            service.as_user(place.user, versions.program_in_use(settings), "rollback", "--dir", str(place.data))
        else:
            said = versions.roll_back(settings, now=now_utc())
            click.echo(f"La caja es otra vez la versión de {versions.program_in_use(settings)}. {said}")


@click.command(help="Lleva la base de la caja al esquema de esta versión y la revisa; es un paso de «update».")
@folder_option
def migrate(folder: Path | None) -> None:
    versions.migrate(_found(folder)[0])
    click.echo("La base está al día.")


def _found(folder: Path | None) -> tuple[Settings, Place]:
    if sys.platform == "win32":
        raise Refused("En Windows se actualiza a mano: siga docs/cabina.md, «En Windows».")
    data = (folder or default_data(os.geteuid() == 0)).resolve()
    settings = read_settings(data)
    if not (data / DATABASE).exists():
        raise Refused(f"En {data} no hay una cabina emparejada. Instálela con «make cabina».")
    return settings, Place(data, data, data, 0, service.owner_of(data))
