"""What the demonstration municipality has on its first day. Each feature brings its own seed verb."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.access.actions import PAIRING_VALID, SYSTEM, add_staff, create_device, sha256
from cac.access.models import Device
from cac.access.roles import STAFF_ROLES, VENTANILLA
from cac.citas.demo import seed as seed_agenda
from cac.desk.demo import seed as seed_desk
from cac.paper.actions import add_printer, route_papers
from cac.sync.demo import seed_cabina
from cac.sync.keys import centre_key
from cac.tupa.actions import import_tupa
from intake.tupa import parse_tupa
from storage import Store
from web.settings import DEMO_MARK, Settings

ROOT = Path(__file__).resolve().parent.parent.parent
SALA = "principal"
READY = "La demostración está completa.\n"

PRINTERS = {"kiosko": ["tickets"], "cargos": ["cargos", "recibos"]}
DEVICES = {"Kiosco de la entrada": "kiosko", "Pantalla izquierda": "pantalla", "Pantalla derecha": "pantalla"}

NAMES = {
    "ventanilla": "Rosa Huamán Quispe",
    "orientador": "Luis Cabanillas Rojas",
    "unidad": "Elena Chávez Terán",
    "cajero": "Jorge Tello Vásquez",
    "tesoreria": "Carmen Díaz Alcántara",
    "supervisor": "Marta Sánchez Llanos",
    "admin": "Iván Cotrina Becerra",
    "auditor": "Nélida Paredes Ñontol",
}


def is_ready(data_dir: Path) -> bool:
    """Whether the seeding of `data_dir` was finished; a power cut in the middle leaves false."""
    mark = data_dir / DEMO_MARK
    return mark.exists() and mark.read_text(encoding="utf-8") == READY


def mark_begun(data_dir: Path) -> None:
    """From here on the data is a demonstration's, though not yet complete."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (data_dir / DEMO_MARK).write_text("", encoding="utf-8")


def fill(store: Store, settings: Settings, *, papel: Path, now: datetime) -> None:
    """Seed an empty centre, one write a feature."""
    store.write(add_people, now=now)
    catalogue = parse_tupa((ROOT / "data" / "tupa.json").read_text(encoding="utf-8"))
    store.write(import_tupa, catalogue, principal=SYSTEM, now=now)
    store.write(seed_desk, now=now)
    store.write(seed_agenda)
    store.write(add_printers, papel=papel, now=now)
    store.write(add_devices, now=now)
    store.write(seed_cabina, key=centre_key(settings.keys_dir), now=now)
    (settings.data_dir / DEMO_MARK).write_text(READY, encoding="utf-8")


def add_people(session: Session, *, now: datetime) -> None:
    """One person of each role: `<rol>1`, password `demo-<rol>`; `unidad1` serves every area."""
    for role in STAFF_ROLES:
        add_staff(
            session,
            username=f"{role}1",
            name=NAMES[role],
            role=role,
            password=f"demo-{role}",
            sala=SALA if role == VENTANILLA else None,
            demo=True,
            now=now,
        )


def add_printers(session: Session, *, papel: Path, now: datetime) -> None:
    """Virtual printers: what they print is looked at in `papel/<printer>`."""
    for name, purposes in PRINTERS.items():
        url = f"folder://{papel / name}?width=48"
        add_printer(session, name=name, url=url, principal=SYSTEM, now=now)
        for purpose in purposes:
            route_papers(session, purpose=purpose, sala=None, printer=name, principal=SYSTEM, now=now)


def add_devices(session: Session, *, now: datetime) -> None:
    """A kiosk and two screens, waiting to be paired."""
    for name, kind in DEVICES.items():
        create_device(session, kind=kind, name=name, sala=SALA, now=now)


def pairing_links(session: Session, *, secrets: dict[str, str], now: datetime) -> list[str]:
    """New one-time secrets for the demonstration's devices that nobody has paired; returns their names."""
    waiting = []
    for device in session.scalars(select(Device).where(Device.name.in_(DEVICES), Device.cookie_sha256.is_(None))):
        device.pairing_sha256, device.pairing_until = sha256(secrets[device.name]), now + PAIRING_VALID
        waiting.append(device.name)
    return waiting
