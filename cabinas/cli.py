"""`run.py cabina`: the till, its enrolment, its token, its operators, its printer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cabinas import machine
from cabinas.device import Device, key_to_pair
from cabinas.enrolment.actions import enrol, history_to_pair, move_centre
from cabinas.enrolment.queries import device_keys
from cabinas.filing.models import Expediente
from cabinas.install.cli import browser, grouped, install
from cabinas.install.update_cli import migrate, rollback, switch, update
from cabinas.install.versions import settle
from cabinas.operators.actions import COMMAND, OperatorUnknown, add_operator, hash_pin, make_token, set_pin
from cabinas.operators.queries import by_login
from cabinas.paper.actions import set_printer
from cabinas.serve import (
    DATABASE,
    authority,
    marker_dir,
    read_settings,
    serve_till,
    till_store,
)
from cabinas.sync.client import LinkDown, Talk, check_centre_url, pair
from cabinas.sync.loop import SyncLoop
from cabinas.sync.queries import VERSION
from cabinas.training import serve_training
from core.clock import now_utc
from core.wire import Catalogue, Lease, SeriesWritten, WireError, fingerprint, public_text, unsealed
from printing.ports import open_port
from storage import Store
from web.server import Refused
from web.settings import Settings

DEMO_LOGIN, DEMO_PIN, DEMO_NAME = "cabina1", "demo-cabina", "Elva Rojas"

folder_option = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo/cabina"),
    show_default=True,
    help="Carpeta de los datos de la cabina.",
)


@click.group(invoke_without_command=True, help="Atiende la caja de una cabina; solo en este equipo.")
@folder_option
@click.option("--port", type=click.IntRange(0, 65535), help="Puerto; por omisión el de la instalación, o 8100.")
@click.option("--centre", help="Nueva dirección del centro, si cambió desde el emparejamiento.")
@click.option("--proof", is_flag=True, help="Solo comprueba que atiende: no envía ni imprime; lo usa «update».")
@click.pass_context
def cabina(context: click.Context, folder: Path, port: int | None, centre: str | None, proof: bool) -> None:
    if context.invoked_subcommand is not None:
        return
    if not proof:
        settle(read_settings(folder), now=now_utc())
    if centre:
        url, settings = check_centre_url(centre), read_settings(folder)
        with till_store(settings) as store:
            store.write(move_centre, url, now=now_utc())
    serve_till(folder, port, proof=proof)


@cabina.command("pair", help="Empareja esta PC con el centro, con el código que dio la Municipalidad.")
@click.option("--centre", required=True, help="Dirección del centro: https://…")
@click.option("--code", required=True, help="Código de emparejamiento, con la huella del centro.")
@click.option("--printer", help="Impresora de la caja, por ejemplo usb://04b8:0202 o folder:///papel.")
@folder_option
def pair_command(centre: str, code: str, printer: str | None, folder: Path) -> None:
    if printer:
        open_port(printer)  # says what is wrong before the code is spent
    settings = read_settings(folder)
    url = check_centre_url(centre)
    used, history = _pairings_before(settings)
    key = key_to_pair(settings.keys_dir, used)
    ca = authority(settings)
    try:
        # before pairing nothing of the centre is known: who answers is proved by the fingerprint inside the code
        verify: str | bool = str(ca) if ca.exists() else False
        here = machine.fingerprint()
        answer = pair(url, code, key=key, machine=here, version=VERSION, verify=verify, history=history)
    except (LinkDown, WireError) as failure:
        raise Refused(str(failure)) from None
    if answer.tls_ca:
        ca.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        ca.write_text(answer.tls_ca)
    demo = unsealed(answer.catalogue, Catalogue).demo
    with till_store(settings) as store:
        now = now_utc()
        store.write(enrol, centre_url=url, answer=answer, device_key=public_text(key), now=now, machine=here)
        if printer:
            store.write(set_printer, printer)
        if demo:
            store.write(_add_demo_operator, pin_hash=hash_pin(DEMO_PIN), now=now_utc())
        device = Device(key, marker_dir(settings), here)
        device.write_mark(unsealed(answer.lease, Lease).epoch, 0)  # a mark of before the pairing is history
        back = _pull_back(store, device, verify=str(ca) if ca.exists() else True)
    click.echo(f"Huella de la clave de esta PC: {grouped(fingerprint(public_text(key)))}.")
    click.echo(f"Emparejada como {answer.cabina}." + (f" Se recuperaron {back} trámites anteriores." if back else ""))


@cabina.command("training", help="Abre una caja para practicar: otra base, otra serie, sin enviar nada.")
@folder_option
@click.option("--port", type=click.IntRange(0, 65535), default=8101, show_default=True)
@click.option("--fresh", is_flag=True, help="Olvida lo practicado y empieza de nuevo.")
@click.option("--printer", help="Impresora donde sale el papel marcado; sin ella se ve en pantalla.")
def training_command(folder: Path, port: int, fresh: bool, printer: str | None) -> None:
    if printer:
        open_port(printer)
    serve_training(folder, port, fresh=fresh, printer=printer, now=now_utc())


@cabina.command("token", help="Crea y muestra un token de operador para la API de la caja.")
@click.option("--name", default="Operador", show_default=True, help="Nombre que sale en el papel.")
@folder_option
def token_command(name: str, folder: Path) -> None:
    with till_store(_paired(folder)) as store:
        click.echo(store.write(make_token, name=name, now=now_utc()))


@cabina.command("operator", help="Da de alta a quien atiende la caja; pide su PIN.")
@click.argument("login")
@click.option("--name", required=True, help="Nombre que sale en el papel.")
@click.option("--pin", envvar="PIN", prompt="PIN", hide_input=True, confirmation_prompt=True)
@folder_option
def operator_command(login: str, name: str, pin: str, folder: Path) -> None:
    with till_store(_paired(folder)) as store:
        pin_hash = hash_pin(pin, login=login.lower())
        store.write(add_operator, login=login, name=name, pin_hash=pin_hash, now=now_utc())
    click.echo(f"Operador {login.lower()} listo.")


@cabina.command("pin", help="Da otro PIN a un operador, por ejemplo al responsable que lo olvidó.")
@click.argument("login")
@click.option("--pin", prompt="PIN nuevo", hide_input=True, confirmation_prompt=True)
@folder_option
def pin_command(login: str, pin: str, folder: Path) -> None:
    with till_store(_paired(folder)) as store:
        with store.read() as session:
            found = by_login(session, login.strip().lower())
        if found is None:
            raise OperatorUnknown()
        store.write(set_pin, found.id, hash_pin(pin, login=found.login), by=COMMAND, now=now_utc())
    click.echo(f"PIN de {found.login} cambiado.")


@cabina.command("printer", help="Dice por qué impresora sale el papel de la caja.")
@click.argument("url")
@folder_option
def printer_command(url: str, folder: Path) -> None:
    open_port(url)
    with till_store(_paired(folder)) as store:
        store.write(set_printer, url)
    click.echo("Impresora guardada. Reinicie la caja para usarla.")


for _command in (install, browser, update, rollback, switch, migrate):
    cabina.add_command(_command)


def _paired(folder: Path) -> Settings:
    settings = read_settings(folder)
    if not (settings.data_dir / DATABASE).exists():
        raise Refused(f"En {folder} no hay una cabina emparejada. Ejecute primero «run.py cabina pair».")
    return settings


def _pairings_before(settings: Settings) -> tuple[set[str], tuple[SeriesWritten, ...]]:
    """Of the pairings this folder has had: their public keys, and what they wrote. Raises FolderForked."""
    if not (settings.data_dir / DATABASE).exists():
        return set(), ()
    with till_store(settings) as store, store.read() as session:
        return device_keys(session), history_to_pair(session)


def _pull_back(store: Store, device: Device, *, verify: str | bool) -> int:
    """What earlier PCs of the cabin told the centre, as far as the link lasts; the till goes on by itself. How many cases."""
    talking = SyncLoop(store, device, talk=Talk(device.key, verify=verify))
    try:
        while talking.exchange():
            pass
    except LinkDown as failure:
        click.echo(f"Sigue al encender la caja: {failure}.", err=True)
    finally:
        talking.stop()
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Expediente)) or 0


def _add_demo_operator(session: Session, *, pin_hash: str, now: datetime) -> None:
    """The demonstration's operator, once."""
    if by_login(session, DEMO_LOGIN) is None:
        add_operator(session, login=DEMO_LOGIN, name=DEMO_NAME, pin_hash=pin_hash, now=now)
