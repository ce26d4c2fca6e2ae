"""`run.py device`: kiosks and screens."""

from __future__ import annotations

import secrets

import click

from cac.access.actions import create_device
from cac.serve import centre_store, read_settings
from core.clock import now_utc


@click.group(help="Kioscos y pantallas de sala.")
def device() -> None: ...


@device.command("pair", help="Muestra una dirección de un solo uso: se abre en el equipo y se presiona su botón.")
@click.option("--kind", required=True, type=click.Choice(["kiosko", "pantalla"]))
@click.option("--name", required=True, help="Cómo lo llama el personal, p. ej. «Kiosco 1».")
@click.option("--sala", help="Código de la sala; una pantalla la necesita.")
def pair(kind: str, name: str, sala: str | None) -> None:
    if kind == "pantalla" and not sala:
        raise click.UsageError("Una pantalla necesita --sala.")
    settings, secret = read_settings(), secrets.token_urlsafe(24)
    with centre_store(settings) as store:
        store.write(create_device, kind=kind, name=name, sala=sala, secret=secret, now=now_utc())
    click.echo(f"{settings.public_url.rstrip('/')}/emparejar/{secret}")
