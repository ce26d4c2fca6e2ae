"""`run.py demo`: the whole municipality on one PC, to look at and to try."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table

from cac.access.roles import STAFF_ROLES
from cac.demo.town import HOST, DidNotStart, NotADemo, Processes, Town, is_paired, pair_cabina, prepare
from core.clock import now_utc
from web.server import listen

PAGES = (
    ("Portal del ciudadano", "/"),
    ("Trámites (TUPA)", "/tramites"),
    ("Seguimiento", "/seguimiento"),
    ("Kiosco", "/kiosko"),
    ("Pantalla de sala", "/pantalla/principal"),
    ("Ventanilla, áreas, supervisor, tesorería", "/entrar"),
)
WIDE = 200  # columns a table may take: it takes what its longest line needs, which a terminal of 80 shows whole


@click.command(help="Inicia la municipalidad de demostración: centro, una cabina e impresoras virtuales.")
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Puerto del centro.")
@click.option("--cabina-port", type=click.IntRange(1, 65535), default=8100, show_default=True)
@click.option("--fresh", is_flag=True, help="Borra los datos de la demostración y empieza de nuevo.")
@click.option("--prepare", "only_prepare", is_flag=True, help="Crea los datos, no imprime nada y termina.")
def demo(folder: Path, port: int, cabina_port: int, fresh: bool, only_prepare: bool) -> None:
    town = Town(folder.resolve(), port, cabina_port)
    processes = Processes()
    for taken in (port,) if only_prepare else (port, cabina_port):
        listen(HOST, taken).close()  # what answers there is another program, never to be taken for the demonstration
    try:
        links = prepare(town, fresh=fresh, clock=now_utc)
        processes.start(
            ["serve", "--port", str(port)],
            url=f"{town.centre_url}/health",
            CAC_DATA_DIR=str(town.centro),
            CAC_PUBLIC_URL=town.centre_url,
        )
        if not is_paired(town):
            pair_cabina(town, clock=now_utc)
        if only_prepare:
            click.echo(f"Datos de demostración listos en {town.folder}")
            return
        cabina = ("cabina", "--dir", str(town.cabina), "--port", str(cabina_port), "--centre", town.centre_url)
        processes.start(list(cabina), url=f"{town.cabina_url}/entrar")
        show(town, links)
        processes.wait()
    except NotADemo as found:
        raise click.ClickException(f"{found} tiene datos que no son de una demostración: elija otra carpeta.") from None
    except DidNotStart as failure:
        raise click.ClickException(f"La demostración se detuvo: {failure}.") from None
    finally:
        processes.stop()


def show(town: Town, links: dict[str, str]) -> None:
    """Addresses and sign-ins, as tables. Nothing is cut: addresses are to be copied."""
    console = Console(width=WIDE, soft_wrap=True)
    console.print("\n[bold]Municipalidad de demostración[/bold]\n")
    console.print(
        _table(
            ("Página", "Dirección"),
            [*((name, town.centre_url + path) for name, path in PAGES), ("Caja de la cabina C01", town.cabina_url)],
        )
    )
    if links:
        console.print("Equipos de sala: abra cada dirección una vez y presione su botón.")
        console.print(_table(("Equipo", "Dirección de un solo uso"), list(links.items())))
    console.print(
        _table(
            ("Usuario", "Contraseña"),
            [*((f"{role}1", f"demo-{role}") for role in STAFF_ROLES), ("cabina1", "demo-cabina")],
        )
    )
    console.print(f"Datos y papel en {town.folder}. Ctrl-C detiene todo; los datos quedan.")


def _table(heads: tuple[str, str], rows: list[tuple[str, str]]) -> Table:
    table = Table(*(Column(head, no_wrap=True) for head in heads), box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*row)
    return table
