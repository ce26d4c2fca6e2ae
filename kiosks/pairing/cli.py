"""`run.py device`: kiosks, screens and tablets."""

from __future__ import annotations

import secrets

import click

from cac.access.actions import create_device
from cac.access.roles import DEVICE_ROLES
from cac.serve import centre_store, read_settings
from core.clock import now_utc


@click.group(help="Kioscos, pantallas de sala y tabletas de ventanilla.")
def device() -> None: ...


@device.command("pair", help="Muestra una dirección de un solo uso: se abre en el equipo y se presiona su botón.")
@click.option("--kind", required=True, type=click.Choice(DEVICE_ROLES))
@click.option("--name", required=True, help="Cómo lo llama el personal, p. ej. «Kiosco 1».")
@click.option("--sala", help="Código de la sala; una pantalla y una tableta la necesitan.")
@click.option("--ventanilla", type=int, help="Número de la ventanilla de una tableta.")
def pair(kind: str, name: str, sala: str | None, ventanilla: int | None) -> None:
    if kind == "pantalla" and not sala:
        raise click.UsageError("Una pantalla necesita --sala.")
    if kind == "tableta" and not (sala and ventanilla):
        raise click.UsageError("Una tableta necesita --sala y --ventanilla.")
    settings, secret = read_settings(), secrets.token_urlsafe(24)
    with centre_store(settings) as store:
        given = {"kind": kind, "name": name, "sala": sala, "ventanilla": ventanilla}
        store.write(create_device, **given, secret=secret, now=now_utc())
    click.echo(f"{settings.public_url.rstrip('/')}/emparejar/{secret}")
