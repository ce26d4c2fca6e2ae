"""`run.py printer`: add printers, route papers, print a page that shows whether one works."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from cac.access.actions import SYSTEM
from cac.paper import actions, queries
from cac.paper.loop import PrinterJobs
from cac.serve import centre_store, read_settings
from core.clock import now_utc
from printing.decoder import decode
from printing.outcome import State
from printing.papers import CalibrationPaper
from printing.ports import is_agent, open_port
from printing.profile import COLUMNS_MAX, COLUMNS_MIN
from printing.spool import Worker
from storage import Store

ANSWER_S = 90.0
LOOK_S = 0.3
SETTLED = (State.CONFIRMED, State.UNKNOWN, State.NOT_SENT, State.EXPIRED)


@click.group(help="Impresoras del centro.")
def printer() -> None: ...


@printer.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--for", "purpose", type=click.Choice(actions.PURPOSES), help="Papeles que saldrán por ella.")
@click.option("--sala", help="Solo los de esta sala; sin ella, los de todas.")
def add(name: str, url: str, purpose: str | None, sala: str | None) -> None:
    """Agrega una impresora, o cambia la dirección de la que ya tiene ese nombre.

    URL: tcp://equipo:9100, usb://04b8:0e15, serial:///dev/ttyUSB0?baud=9600, file:///dev/usb/lp0, folder:///carpeta,
    windows://nombre, agent://nombre; con ?width=48&codepage=cp850."""
    with centre_store() as store:
        store.write(actions.add_printer, name=name, url=url, principal=SYSTEM, now=now_utc())
        if purpose:
            store.write(actions.route_papers, purpose=purpose, sala=sala, printer=name, principal=SYSTEM, now=now_utc())
    prints = f" Imprime {purpose} de {sala or 'todas las salas'}." if purpose else ""
    click.echo(f"La impresora {name} está lista en {url}.{prints}")


@printer.command("test")
@click.argument("name")
def test(name: str) -> None:
    """Imprime la página de prueba y dice qué pasó: confirmada, no_enviada o desconocida.

    Termina con 0 solo si la impresora confirmó."""
    settings = read_settings()
    with centre_store(settings) as store:
        with store.read() as session:
            printer_id, site = actions.find_printer(session, name).id, queries.site_name(session)
        paper = CalibrationPaper(site=site, printer=name, printed_at=now_utc(), demo=settings.demo)
        job = store.write(actions.print_test, printer_id, paper=paper, now=now_utc())["print_job"]
        state, detail = _print(store, printer_id, job)
    click.echo(state)
    click.echo(detail, err=True)
    if state != State.CONFIRMED:
        sys.exit(1)


@printer.command("list")
def list_printers() -> None:
    """Las impresoras, lo que imprimen y cómo están."""
    with centre_store() as store, store.read() as session:
        for found in queries.printers(session):
            how = found["problem"] or found["warning"] or ("lista" if found["health_at"] else "sin noticias")
            click.echo(f"{found['name']:<16} {found['url']:<44} {', '.join(found['prints']) or 'sin ruta':<32} {how}")


@printer.command("picture")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--width", type=click.IntRange(COLUMNS_MIN, COLUMNS_MAX), default=48, help="Columnas del papel.")
def picture(file: Path, width: int) -> None:
    """Dibuja en PNG, junto al archivo, lo que imprimen sus bytes."""
    target = file.with_suffix(".png")
    target.write_bytes(decode(file.read_bytes(), columns=width).png())
    click.echo(target)


def _print(store: Store, printer_id: int, job: int) -> tuple[str, str]:
    """Print this job here, unless a server (or its agent) already serves the printer: then see what comes of it."""
    with store.read() as session:
        url = actions.get_printer(session, printer_id).url
    jobs = PrinterJobs(store, printer_id, f"prueba:{os.getpid()}", only=job)
    worker = None if is_agent(url) else Worker(jobs, open_port(url))
    until = time.monotonic() + ANSWER_S
    try:
        while True:
            with store.read() as session:
                state, detail = queries.job_state(session, job), queries.job_detail(session, job)
            if state in SETTLED:
                break
            if time.monotonic() > until:
                detail = "Nadie atendió la impresora a tiempo."
                break
            if worker is None or not worker.step():
                time.sleep(LOOK_S)
    finally:
        jobs.let_go()
    if store.write(actions.withdraw, job, now=now_utc()):
        state = State.NOT_SENT
    return state or State.NOT_SENT, detail or ""
