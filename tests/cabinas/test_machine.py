"""What tells one PC from another, on Linux from its files and on Windows from its registry."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cabinas import machine

BOARD = ("SYSTEM\\HardwareConfig", "LastConfig")
SYSTEM = ("SOFTWARE\\Microsoft\\Cryptography", "MachineGuid")


class Key:
    def __init__(self, name: str):
        self.name = name

    def __enter__(self) -> Key:
        return self

    def __exit__(self, *_: object) -> None: ...


def registry(values: dict[tuple[str, str], str]) -> Any:
    """As much of `winreg` as is asked, holding `values`."""

    def open_key(hive: object, name: str, reserved: int, access: int) -> Key:
        assert (hive, reserved, access) == ("HKLM", 0, 0x20019 | 0x0100)
        if name not in {key for key, _ in values}:
            raise FileNotFoundError(2, "no está")
        return Key(name)

    def query(key: Key, value: str) -> tuple[str, int]:
        if (key.name, value) not in values:
            raise FileNotFoundError(2, "no está")
        return values[key.name, value], 1

    constants = {"HKEY_LOCAL_MACHINE": "HKLM", "KEY_READ": 0x20019, "KEY_WOW64_64KEY": 0x0100}
    return SimpleNamespace(OpenKey=open_key, QueryValueEx=query, **constants)


def on_windows(monkeypatch: pytest.MonkeyPatch, values: dict[tuple[str, str], str]) -> str:
    with monkeypatch.context() as windows:
        windows.setattr(machine, "winreg", registry(values))
        windows.setattr(machine, "sys", SimpleNamespace(platform="win32"))
        return machine.fingerprint()


def test_on_windows_the_board_or_the_system_being_another_makes_it_another_pc(monkeypatch: pytest.MonkeyPatch):
    here = {BOARD: "{4C4C4544-0042}", SYSTEM: "9a1b"}
    known = on_windows(monkeypatch, here)
    assert len(known) == 64
    assert on_windows(monkeypatch, here | {BOARD: "{4c4c4544-0042} "}) == known, "case and spaces say nothing"
    assert on_windows(monkeypatch, here | {BOARD: "{FFFF}"}) != known, "the same disk in another PC"
    assert on_windows(monkeypatch, here | {SYSTEM: "otro"}) != known


def test_a_windows_that_tells_nothing_has_no_fingerprint(monkeypatch: pytest.MonkeyPatch):
    assert on_windows(monkeypatch, {}) == ""
    assert on_windows(monkeypatch, {(BOARD[0], "Otro"): "x"}) == ""
    assert on_windows(monkeypatch, {SYSTEM: "9a1b"}), "one of both is enough"


def a_pc(root: Path, *, board: str = "AB12", system: str = "f00d", card: str = "02:00:00:00:00:01") -> Path:
    for place, text in (("sys/class/dmi/id/product_uuid", board), ("etc/machine-id", system)):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(f"{text}\n")
    for name, bus, address in (("eth0", "pci", card), ("usb0", "usb", "02:00:00:00:00:99")):
        device = root / "sys/class/net" / name / "device"
        device.mkdir(parents=True)
        (root / "sys/bus" / bus).mkdir(parents=True, exist_ok=True)
        (device / "subsystem").symlink_to(root / "sys/bus" / bus)
        (device.parent / "address").write_text(f"{address}\n")
    return root


def test_on_linux_board_system_and_built_in_card_count_and_a_card_on_usb_does_not(tmp_path: Path):
    known = machine.fingerprint(a_pc(tmp_path / "a"))
    assert known == machine.fingerprint(a_pc(tmp_path / "b"))
    assert known != machine.fingerprint(a_pc(tmp_path / "c", board="CD34"))
    assert known != machine.fingerprint(a_pc(tmp_path / "d", system="beef"))
    assert known != machine.fingerprint(a_pc(tmp_path / "e", card="02:00:00:00:00:02"))
    (tmp_path / "a/sys/class/net/usb0/address").write_text("otra")
    assert known == machine.fingerprint(tmp_path / "a")
    assert machine.fingerprint(tmp_path / "nada") == ""
