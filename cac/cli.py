"""Commands that set up and look after the centre. Each reads `CAC_*`; `run.py` gives them their names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cac.access import actions as access
from cac.access.roles import ROLES, STAFF_ROLES
from cac.audit.actions import verify
from cac.backup import back_up, numbers_before, settle
from cac.backup import restore as restore_backup
from cac.doctor import examine
from cac.serve import centre_store, lock_data, read_settings
from core.clock import now_utc


@click.group(help="Tokens de la API.")
def token() -> None: ...


@token.command("create", help="Crea un token y muestra solo el token.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="Rol que tendrá el programa.")
@click.option("--name", required=True, help="Nombre del programa; sale como receptor en el papel.")
@click.option("--sala", help="Sala a la que se limita.")
@click.option("--area", help="Unidad orgánica de un token de rol unidad.")
@click.option("--printer", help="Impresora de un token de rol agente.")
def create_token(role: str, name: str, sala: str | None, area: str | None, printer: str | None) -> None:
    with centre_store() as store:
        made = store.write(
            access.create_token, role=role, name=name, sala=sala, area=area, printer=printer, now=now_utc()
        )
    click.echo(made)


@click.group(help="Personal que inicia sesión.")
def staff() -> None: ...


@staff.command("add", help="Crea una cuenta. Sin --password la pregunta.")
@click.argument("username")
@click.option("--name", required=True, help="Nombre y apellidos.")
@click.option("--role", required=True, type=click.Choice(STAFF_ROLES))
@click.option("--sala", help="Código de la sala donde atiende.")
@click.option("--area", help="Unidad orgánica, para el rol unidad.")
@click.password_option(help="Contraseña; se pregunta si falta.")
def add_staff(username: str, name: str, role: str, sala: str | None, area: str | None, password: str) -> None:
    who: dict[str, Any] = {"username": username, "name": name, "role": role, "sala": sala, "area": area}
    with centre_store() as store:
        store.write(access.add_staff, password=password, now=now_utc(), **who)
    click.echo(f"{username} ya puede iniciar sesión como {role}.")


@click.group(help="Base de datos.")
def db() -> None: ...


@db.command("upgrade", help="Lleva la base de datos al esquema de esta versión.")
def upgrade_database() -> None:
    with centre_store():
        click.echo("La base de datos está al día.")


@click.group(help="Registro de auditoría.")
def audit() -> None: ...


@audit.command("verify", help="Recorre la cadena del registro; termina con error si alguien lo alteró.")
def verify_log() -> None:
    with centre_store() as store, store.read() as session:
        found = verify(session)
    if found["broken_at"] is not None:
        raise click.ClickException(f"El registro no coincide desde el asiento {found['broken_at']}: fue alterado.")
    click.echo(f"Registro íntegro: {found['sealed']} asientos sellados, {found['unsealed']} por sellar.")


@click.command(help="Copia todo el centro a un archivo, con el servidor encendido o no.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    size = back_up(read_settings(), file, now=now_utc())
    click.echo(f"Copia completa en {file}: {size / 1024**2:.1f} MiB.")


@click.command(help="Pone una copia en lugar de los datos actuales, que quedan aparte. El servidor debe estar apagado.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(file: Path) -> None:
    settings = read_settings()
    lock = lock_data(settings)
    before = numbers_before(settings, now=now_utc())
    aside = restore_backup(settings, file, now=now_utc())
    with centre_store(settings) as store:
        settle(store, settings.data_dir, before=before, now=now_utc())
    lock.release()
    click.echo("Copia restaurada." + (f" Los datos anteriores quedaron en {aside}." if aside else ""))


@click.command(help="Revisa el equipo y dice qué falta o falla.")
def doctor() -> None:
    findings = examine(read_settings())
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        mark = {"ok": "bien ", "warning": "aviso", "bad": "FALLA"}[finding.state]
        click.echo(f"{mark}  {finding.what:<{width}}  {finding.detail}")
    if any(finding.state == "bad" for finding in findings):
        sys.exit(1)
