"""`run.py cabina update` and `rollback`: another version of the program under the same data, and back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from cabinas.enrolment.queries import terms
from cabinas.install import fetching, service, steps, versions
from cabinas.install.place import Place, default_data
from cabinas.serve import DATABASE, port_of, read_settings, till_store
from core.clock import now_utc
from core.wire import Release
from web.server import Refused
from web.settings import Settings

folder_option = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Carpeta de datos; por omisión la instalada.",
)


@click.command(
    help="Cambia la caja a la versión aprobada, o a la que se diga; si algo falla vuelve sola a la de antes."
)
@click.argument("version", required=False, metavar="[HUELLA]")
@click.option(
    "--from", "source", type=click.Path(path_type=Path, exists=True), help="Carpeta con la versión ya preparada."
)
@folder_option
def update(version: str | None, source: Path | None, folder: Path | None) -> None:
    settings, place = _found(folder)
    before = versions.program_in_use(settings)
    if source:
        after = source.resolve()
    else:
        after = fetching.fetch(before, fetching.approved(version, _release(settings, place)))
    _switch(settings, place, after, rehearse=True)
    with service.stopped(place) as worked:
        _switch(settings, place, after)
    if worked and not steps.answers(place, alive=lambda: service.is_active(place)):
        _take_back(settings, place)
    click.echo(f"La caja es ahora la versión de {after}. Para volver: cabina rollback.")
    if not source:
        fetching.forget_others(after, keep=versions.program_before(settings))


@click.command(help="Pone otra versión, con la caja detenida; es un paso de «update».")
@click.option(
    "--to", "after", type=click.Path(path_type=Path, exists=True), required=True, help="Carpeta de la versión."
)
@click.option("--rehearse", is_flag=True, help="Solo prueba con una copia de la base si podría; la caja sigue.")
@folder_option
def switch(after: Path, rehearse: bool, folder: Path | None) -> None:
    _switch(*_found(folder), after.resolve(), rehearse=rehearse)


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


def _switch(settings: Settings, place: Place, after: Path, *, rehearse: bool = False) -> None:
    """Raises Refused."""
    if place.user:
        words = ("switch", *(["--rehearse"] if rehearse else []), "--to", str(after), "--dir", str(place.data))
        service.as_user(place.user, versions.program_in_use(settings), *words)
    elif rehearse:
        versions.rehearse(settings, after, now=now_utc())
    else:
        versions.update(settings, after, now=now_utc())


def _take_back(settings: Settings, place: Place) -> None:
    """The new version served when it was tried, and does not as the PC starts it. Raises Refused."""
    click.echo("La versión nueva no respondió al iniciar: se vuelve a la anterior.", err=True)
    with service.stopped(place, wanted=True):
        service.as_user(place.user, versions.program_in_use(settings), "rollback", "--dir", str(place.data))
    raise Refused(f"La caja es otra vez la versión de {versions.program_in_use(settings)}, con todo lo registrado.")


def _release(settings: Settings, place: Place) -> Release | None:
    """What the centre approved, as this till heard it last. Raises Refused."""
    try:
        with service.acting_as(place.user), till_store(settings) as store, store.read() as session:
            return terms(session).catalogue.release
    except SQLAlchemyError:
        raise Refused("No se puede leer la base de la caja. Ábrala primero: en rescate se le pone una copia.") from None


def _found(folder: Path | None) -> tuple[Settings, Place]:
    if sys.platform == "win32":
        raise Refused("En Windows se actualiza a mano: siga docs/cabina.md, «En Windows».")
    data = (folder or default_data(os.geteuid() == 0)).resolve()
    settings = read_settings(data)
    if not (data / DATABASE).exists():
        raise Refused(f"En {data} no hay una cabina emparejada. Instálela con «make cabina».")
    return settings, Place(data, data, data, port_of(settings), service.owner_of(data))
