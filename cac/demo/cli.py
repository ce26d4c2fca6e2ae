"""`run.py demo`: the whole municipality on one PC, to look at and to try."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from cac.access.roles import STAFF_ROLES
from cac.demo.town import DidNotStart, NotADemo, Processes, Town, prepare
from core.clock import now_utc


@click.command(help="Inicia la municipalidad de demostración: centro, una cabina e impresoras virtuales.")
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Puerto del centro.")
@click.option("--cabina-port", type=click.IntRange(1, 65535), default=8100, show_default=True)
@click.option("--fresh", is_flag=True, help="Borra los datos de la demostración y empieza de nuevo.")
@click.option("--prepare", "only_prepare", is_flag=True, help="Crea los datos, no imprime nada y termina.")
def demo(folder: Path, port: int, cabina_port: int, fresh: bool, only_prepare: bool) -> None:
    town = Town(folder.resolve(), port, cabina_port)
    processes = Processes()
    try:
        prepare(town, fresh=fresh, clock=now_utc)
        processes.start(
            ["serve", "--port", str(port)],
            url=f"{town.centre_url}/health",
            CAC_DATA_DIR=str(town.centro),
            CAC_PUBLIC_URL=town.centre_url,
        )
        if only_prepare:
            click.echo(f"Datos de demostración listos en {town.folder}")
            return
        show(town)
        processes.wait()
    except NotADemo as found:
        raise click.ClickException(f"{found} tiene datos que no son de una demostración: elija otra carpeta.") from None
    except DidNotStart as failure:
        raise click.ClickException(f"La demostración se detuvo: {failure}.") from None
    finally:
        processes.stop()


def show(town: Town) -> None:
    """Addresses and sign-ins, as two tables."""
    console = Console()
    pages = Table(title="Municipalidad de demostración", title_justify="left")
    pages.add_column("Página")
    pages.add_column("Dirección")
    for name, path in (
        ("Portal", "/"),
        ("Ventanilla, supervisor, áreas", "/entrar"),
        ("Trámites (TUPA)", "/tramites"),
        ("Seguimiento", "/seguimiento"),
    ):
        pages.add_row(name, town.centre_url + path)
    console.print(pages)
    people = Table(title="Cuentas", title_justify="left")
    people.add_column("Usuario")
    people.add_column("Contraseña")
    for role in STAFF_ROLES:
        people.add_row(f"{role}1", f"demo-{role}")
    console.print(people)
    console.print(f"Datos y papel en {town.folder}. Ctrl-C detiene todo; los datos quedan.")
