"""Commands of the TUPA."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from cac.access.actions import SYSTEM
from cac.serve import centre_store
from cac.tupa.actions import import_tupa
from cac.tupa.uit import uit_centimos
from core.clock import lima_day, now_utc
from intake.tupa import parse_tupa


@click.group(help="Texto único de procedimientos administrativos.")
def tupa() -> None: ...


@tupa.command("import", help="Publica una versión del TUPA desde un archivo JSON; la misma otra vez no cambia nada.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--valid-from", type=click.DateTime(["%Y-%m-%d"]), help="Día en que entra en vigencia; por omisión hoy.")
def import_file(file: Path, valid_from: datetime | None) -> None:
    parsed = parse_tupa(file.read_text(encoding="utf-8"), uit_centimos=uit_centimos(lima_day(now_utc()).year))
    first = valid_from.date() if valid_from else None
    with centre_store() as store:
        made = store.write(import_tupa, parsed, principal=SYSTEM, now=now_utc(), valid_from=first)
    click.echo(f"TUPA {made['version']}: {made['entries']} procedimientos{'' if made['new'] else ', ya publicada'}.")
