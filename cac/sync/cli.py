"""Commands for cabins at the centre; `run.py` gives them their names."""

from __future__ import annotations

from typing import Any

import click

from cac.access.actions import SYSTEM
from cac.serve import centre_store, read_settings
from cac.sync import actions
from cac.sync.keys import centre_key
from core.clock import now_utc
from core.money import parse_soles
from core.wire import public_text


@click.group(help="Convenios con las cabinas.")
def convenio() -> None: ...


@convenio.command("add", help="Registra una cabina: CODE es C y dos o tres cifras, como C02.")
@click.argument("code")
@click.option("--name", required=True, help="Nombre que conoce la gente.")
@click.option("--partner", required=True, help="Razón social del socio.")
@click.option("--ruc", required=True)
@click.option("--place", default="", help="Dirección.")
@click.option("--hours", default="", help="Horario de atención.")
@click.option("--guarantee", default="300.00", show_default=True, help="Garantía, en soles.")
@click.option("--service", default="4.00", show_default=True, help="Servicio de la cabina, en soles.")
@click.option("--municipality-pays", is_flag=True, help="El servicio lo paga la Municipalidad, no el ciudadano.")
def add(code: str, guarantee: str, service: str, municipality_pays: bool, **said: Any) -> None:
    try:
        guarantee_centimos, service_centimos = parse_soles(guarantee), parse_soles(service)
    except ValueError:
        raise click.BadParameter("los importes se escriben en soles, como 300.00") from None
    terms = actions.Terms(
        code=code,
        guarantee_centimos=guarantee_centimos,
        service_centimos=service_centimos,
        service_bearer="municipality" if municipality_pays else "citizen",
        **said,
    )
    with centre_store() as store:
        store.write(actions.add_cabina, terms, principal=SYSTEM, now=now_utc())
    click.echo(f"{code} registrada. Pida su código de emparejamiento con «convenio code {code}».")


@convenio.command("code", help="Da un código de emparejamiento para la cabina CODE y lo muestra solo.")
@click.argument("code")
def give_code(code: str) -> None:
    settings = read_settings()
    with centre_store(settings) as store:
        given = store.write(
            actions.give_pairing_code,
            code,
            centre_key=public_text(centre_key(settings.keys_dir)),
            principal=SYSTEM,
            now=now_utc(),
        )
    click.echo(given)


@convenio.command("revoke", help="Deja de confiar en la computadora de la cabina CODE, por ejemplo si la robaron.")
@click.argument("code")
@click.option("--reason", required=True, help="Motivo, para el registro.")
def revoke(code: str, reason: str) -> None:
    with centre_store() as store:
        store.write(actions.revoke, code, reason=reason, principal=SYSTEM, now=now_utc())
    click.echo(f"La computadora de {code} quedó revocada. Lo que aún envíe se recibirá y quedará señalado.")
