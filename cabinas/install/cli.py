"""`run.py cabina install`, what `make cabina` runs; and the page of the till on the whole screen."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cabinas.install import service, steps
from cabinas.install.place import SYSTEM_USER, Place, checked, default_data
from cabinas.serve import DATABASE, PORT, has_operator, port_of, read_settings
from core import wire
from web.server import Refused

OPTIONS = {"CENTRO": "centre", "CODIGO": "code", "OPERADOR": "operator", "NOMBRE": "name"}
_PAIRING = "CENTRO=https://cac.muni.gob.pe CODIGO=XXXX-XXXX-XXXX-XXXX-XXXX"
_PERSON = 'OPERADOR=elva NOMBRE="Elva Rojas" PIN=…'
EXAMPLES = {"CENTRO": _PAIRING, "CODIGO": _PAIRING, "OPERADOR": _PERSON, "NOMBRE": _PERSON}


@click.command(help="Instala la caja en esta PC: la empareja, la inicia y hace que inicie al encender.")
@click.option("--dir", "folder", envvar="CARPETA", type=click.Path(path_type=Path), help="Carpeta de datos.")
@click.option("--centre", envvar="CENTRO", help="Dirección del centro: https://…")
@click.option("--code", envvar="CODIGO", help="Código de emparejamiento que dio la Municipalidad.")
@click.option("--printer", envvar="IMPRESORA", help="Impresora, por ejemplo usb://04b8:0202; sin ella, en pantalla.")
@click.option("--operator", envvar="OPERADOR", help="Usuario de quien atiende primero.")
@click.option("--name", envvar="NOMBRE", help="Su nombre, como sale en el papel.")
@click.option("--pin", envvar="PIN", help="Su PIN; sin decirlo se pregunta.")
@click.option(
    "--marker", envvar="MARCA", type=click.Path(path_type=Path), help="Carpeta de la marca: mejor otro disco."
)
@click.option("--copies", envvar="COPIAS", type=click.Path(path_type=Path), help="Carpeta de las copias: mejor un USB.")
@click.option("--port", envvar="PUERTO", type=click.IntRange(1, 65535), help=f"Puerto; por omisión {PORT}.")
@click.option("--own", envvar="PROPIA", is_flag=True, help="De este usuario, sin usuario ni servicio del sistema.")
@click.option(
    "--browser", envvar="NAVEGADOR", is_flag=True, help="Abre la caja en pantalla completa al entrar al escritorio."
)
@click.option("--no-start", "quiet", envvar="SIN_INICIAR", is_flag=True, help="Deja todo listo sin iniciar la caja.")
def install(**told: Any) -> None:
    if sys.platform == "win32":
        raise Refused("En Windows se instala a mano: siga docs/cabina.md, «En Windows».")
    place = _place(told)
    if place.user:
        steps.make_user(place.user)
    steps.make_folders(place)
    steps.check_readable(place)
    paired = (place.data / DATABASE).exists()
    if not paired:
        _pair(place, told)
    elif told["code"]:
        click.echo("Esta PC ya está emparejada: el código no se usó y todo sigue igual.")
    steps.write_settings(place)
    _say_printer(place, told, paired=paired)
    _add_operator(place, told)
    program = steps.point_to_program(place)
    changed = steps.write_unit(place)
    if told["browser"]:
        click.echo(f"Al entrar al escritorio se abrirá la caja ({steps.write_desktop_entry(place)}).")
    if steps.same_disk(place):
        click.echo(
            f"Aviso: las copias van a {place.copies}, en el mismo disco que los datos. Mejor un USB: COPIAS=/ruta."
        )
    if told["quiet"]:
        click.echo(f"Todo listo. El servicio está en {place.unit}.")
        return
    if service.has_systemd():
        steps.start_with_the_pc(place, changed=changed)
        if not steps.answers(place):
            raise Refused(f"La caja no respondió en {place.url}. Vea por qué: {_journal(place)}")
        click.echo(f"Caja lista en {place.url}. Inicia sola al encender la PC.")
        return
    click.echo(
        f"Esta PC no usa systemd: la caja no iniciará sola (su servicio quedó en {place.unit}). Ctrl-C la detiene."
    )
    service.as_user(place.user, program, "--dir", str(place.data), "--port", str(place.port))


@click.command(help="Abre la caja en pantalla completa cuando está lista; lo usa el inicio del escritorio.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
def browser(port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    command = steps.open_browser(url)
    place = Place(Path(), Path(), Path(), port, "")
    while not steps.answers(place):
        time.sleep(1)  # the till is started again for ever, and so is this
    os.execv(command[0], command)


def _place(told: dict[str, Any]) -> Place:
    """What was told, else what this PC already has, else what is usual."""
    system = os.geteuid() == 0 and not told["own"]
    data = checked(Path(str(told["folder"] or default_data(system))))
    place = Place(data, data.with_name(f"{data.name}-marca"), data / "copias", PORT, SYSTEM_USER if system else "")
    kept = read_settings(data)
    return replace(
        place,
        marker=checked(Path(str(told["marker"] or kept.marker_dir or place.marker))),
        copies=_own_folder(checked(Path(str(told["copies"] or kept.copies_dir or place.copies)))),
        port=port_of(kept, told["port"]),
    )


def _own_folder(copies: Path) -> Path:
    """A folder inside the USB, not the USB: when that is not connected the folder is not there, and the till notices."""
    return copies / "copias-de-la-cabina" if os.path.ismount(copies) else copies


def _pair(place: Place, told: dict[str, Any]) -> None:
    centre = _asked(told, "CENTRO", "Dirección del centro (https://…)")
    code = _asked(told, "CODIGO", "Código que dio la Municipalidad")
    try:
        _, fingerprint = wire.split_pairing_code(code)
    except wire.WireError as wrong:
        raise Refused(f"{str(wrong).capitalize()}. Escríbalo como lo dio la Municipalidad, o pida otro.") from None
    click.echo(f"El código nombra al centro de huella {grouped(fingerprint)}.")
    if _interactive():
        click.confirm("¿Es la que le dijo la Municipalidad?", default=True, abort=True)
    told["printer"] = told["printer"] or (
        _interactive() and click.prompt("Impresora (Enter: ninguna todavía)", default="", show_default=False)
    )
    steps.write_settings(place)  # before: the mark of the pairing goes where the till will look for it
    words = ["pair", "--centre", centre, "--code", code, "--dir", str(place.data)]
    if told["printer"]:
        words += ["--printer", str(told["printer"])]
    service.as_user(place.user, steps.ROOT, *words)


def _say_printer(place: Place, told: dict[str, Any], *, paired: bool) -> None:
    if paired and told["printer"]:
        service.as_user(place.user, steps.ROOT, "printer", str(told["printer"]), "--dir", str(place.data))


def _add_operator(place: Place, told: dict[str, Any]) -> None:
    with service.acting_as(place.user):
        if has_operator(place.data):
            return
    login = _asked(told, "OPERADOR", "Usuario de quien atiende")
    name = _asked(told, "NOMBRE", "Su nombre, como sale en el papel")
    pin = str(
        told["pin"] or (_interactive() and click.prompt("Su PIN", hide_input=True, confirmation_prompt=True)) or ""
    )
    if not pin:
        raise Refused("Falta el PIN de quien atiende: make cabina … PIN=…")
    words = ("operator", login, "--name", name, "--dir", str(place.data))
    service.as_user(place.user, steps.ROOT, *words, environment={"PIN": pin})


def _asked(told: dict[str, Any], variable: str, question: str) -> str:
    """What was told, else what the person at the terminal answers. Raises Refused where there is no person."""
    value = told[OPTIONS[variable]]
    if not value and not _interactive():
        raise Refused(f"Falta {variable}. Por ejemplo: make cabina {EXAMPLES[variable]}")
    return str(value or click.prompt(question)).strip()


def _interactive() -> bool:
    return sys.stdin.isatty()


def grouped(fingerprint: str) -> str:
    return "-".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def _journal(place: Place) -> str:
    return f"journalctl {'' if place.user else '--user '}-u cabina -e"
