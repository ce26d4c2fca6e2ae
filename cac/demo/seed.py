"""What the demonstration municipality has on its first day. Each feature brings its own seed verb."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from cac.access.actions import SYSTEM, add_staff
from cac.access.roles import STAFF_ROLES, UNIDAD, VENTANILLA
from cac.tupa.actions import import_tupa
from intake.tupa import parse_tupa
from storage import Store
from web.settings import DEMO_MARK, Settings

ROOT = Path(__file__).resolve().parent.parent.parent
SALA = "principal"
AREA = "Subgerencia de Licencias de Funcionamiento y Comercio"
READY = "La demostración está completa.\n"

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
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / DEMO_MARK).write_text("", encoding="utf-8")


def fill(store: Store, settings: Settings, *, now: datetime) -> None:
    """Seed an empty centre, one write a feature."""
    store.write(add_people, now=now)
    catalogue = parse_tupa((ROOT / "data" / "tupa.json").read_text(encoding="utf-8"))
    store.write(import_tupa, catalogue, principal=SYSTEM, now=now)
    (settings.data_dir / DEMO_MARK).write_text(READY, encoding="utf-8")


def add_people(session: Session, *, now: datetime) -> None:
    """One person of each role: `<rol>1`, password `demo-<rol>`."""
    for role in STAFF_ROLES:
        add_staff(
            session,
            username=f"{role}1",
            name=NAMES[role],
            role=role,
            password=f"demo-{role}",
            sala=SALA if role == VENTANILLA else None,
            area=AREA if role == UNIDAD else None,
            demo=True,
            now=now,
        )
