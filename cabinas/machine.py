"""What tells this PC from another with a copy of its disk: the board, the network cards that are part of it, the system's own name."""

from __future__ import annotations

import hashlib
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

winreg: Any = import_module("winreg") if sys.platform == "win32" else None

BUILT_IN = ("pci", "virtio")  # a card on USB comes and goes
WINDOWS = (
    ("board", r"SYSTEM\HardwareConfig", "LastConfig"),  # the SMBIOS UUID
    ("system", r"SOFTWARE\Microsoft\Cryptography", "MachineGuid"),
)


def fingerprint(root: Path = Path("/")) -> str:
    """SHA-256 of what identifies the machine; empty where nothing does."""
    found = _windows() if sys.platform == "win32" else [*_names(root), *_cards(root)]
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else ""


def _names(root: Path) -> list[str]:
    """The board's own number where it may be read (only root may), and what the system calls itself."""
    places = ("sys/class/dmi/id/product_uuid", "sys/class/dmi/id/board_serial", "etc/machine-id")
    return [f"{place}={text}" for place in places if (text := _text(root / place))]


def _cards(root: Path) -> list[str]:
    cards = (root / "sys/class/net").glob("*/device/subsystem")
    built_in = [card.parent.parent for card in cards if card.resolve().name in BUILT_IN]
    return sorted(f"mac={text}" for card in built_in if (text := _text(card / "address")))


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _windows() -> list[str]:
    """What Windows keeps of the board (written anew at each start) and calls itself; no program is run and no right needed."""
    return [f"{name}={text}" for name, key, value in WINDOWS if (text := _registry(key, value))]


def _registry(key: str, value: str) -> str:
    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY  # a 32-bit Python would be shown another registry
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key, 0, access) as opened:
            return str(winreg.QueryValueEx(opened, value)[0]).strip().lower()
    except OSError:
        return ""
