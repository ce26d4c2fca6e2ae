"""The demonstration as processes: the centre and one cabin, each with its own data, started and stopped together."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from types import FrameType

import requests

from cac.access.actions import SYSTEM
from cac.demo import seed
from cac.serve import centre_store, read_settings
from cac.sync.actions import give_pairing_code
from cac.sync.demo import CODE
from cac.sync.keys import centre_key
from core.wire import public_text
from web.settings import DEMO_MARK

START_S = 60.0  # patience with a process that starts, on a slow PC
STOP_S = 15.0
HOST = "127.0.0.1"
PAIRED = "emparejada"  # in the cabin's mark, once its pairing is complete
RUN = Path(__file__).resolve().parents[2] / "run.py"


class DidNotStart(RuntimeError):
    """A process of the demonstration ended, or never answered."""


class NotADemo(RuntimeError):
    """There is data here that no demonstration made."""


@dataclass(frozen=True, slots=True)
class Town:
    """Where the demonstration keeps its data and listens."""

    folder: Path
    port: int
    cabina_port: int

    @property
    def centro(self) -> Path:
        return self.folder / "centro"

    @property
    def cabina(self) -> Path:
        return self.folder / "cabina"

    @property
    def papel(self) -> Path:
        return self.folder / "papel"

    @property
    def centre_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def cabina_url(self) -> str:
        return f"http://{HOST}:{self.cabina_port}"


def prepare(town: Town, *, fresh: bool, clock: Callable[[], datetime]) -> dict[str, str]:
    """Make the data if it is not there; returns the one-time link of each device not paired yet.

    Raises NotADemo rather than touch anybody's real data."""
    if town.centro.exists() and any(town.centro.iterdir()) and not (town.centro / DEMO_MARK).exists():
        raise NotADemo(str(town.centro))
    if fresh or not seed.is_ready(town.centro):
        for part in (town.centro, town.cabina, town.papel):
            shutil.rmtree(part, ignore_errors=True)
        seed.mark_begun(town.centro)
    settings = read_settings(data_dir=town.centro, port=town.port, host=HOST, public_url=town.centre_url)
    with centre_store(settings) as store:
        if not seed.is_ready(town.centro):
            seed.fill(store, settings, papel=town.papel, now=clock())
        made = {name: token_urlsafe(16) for name in seed.DEVICES}
        waiting = store.write(seed.pairing_links, secrets=made, now=clock())
    return {name: f"{town.centre_url}/emparejar/{made[name]}" for name in waiting}


def is_paired(town: Town) -> bool:
    """Whether the demonstration's cabin was paired to the end."""
    mark = town.cabina / DEMO_MARK
    return mark.exists() and mark.read_text(encoding="utf-8") == PAIRED


def pair_cabina(town: Town, *, clock: Callable[[], datetime]) -> None:
    """Pair the cabin with the centre that is running. Raises DidNotStart."""
    settings = read_settings(data_dir=town.centro)
    with centre_store(settings) as store:
        key = public_text(centre_key(settings.keys_dir))
        code = store.write(give_pairing_code, CODE, centre_key=key, principal=SYSTEM, now=clock())
    town.cabina.mkdir(parents=True, exist_ok=True, mode=0o700)
    (town.cabina / DEMO_MARK).write_text("", encoding="utf-8")  # before: the pairing itself obeys a demo's clock
    printer = f"folder://{town.papel / 'cabina'}?width=48"
    command = ("cabina", "pair", "--centre", town.centre_url, "--code", code, "--printer", printer)
    done = subprocess.run(
        [sys.executable, str(RUN), *command, "--dir", str(town.cabina)], stdout=subprocess.DEVNULL, timeout=START_S
    )
    if done.returncode:
        raise DidNotStart("la cabina no se pudo emparejar")
    (town.cabina / DEMO_MARK).write_text(PAIRED, encoding="utf-8")


class Processes:
    """What runs, in the order it was started; stopped in reverse."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, arguments: list[str], *, url: str, **environment: str) -> None:
        """Start `run.py ARGUMENTS` and wait until `url` answers."""
        child = subprocess.Popen(
            [sys.executable, str(RUN), *arguments], env=os.environ | environment, stdout=subprocess.DEVNULL
        )
        self._running.append(child)
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if child.poll() is not None:
                raise DidNotStart(f"«run.py {' '.join(arguments)}» terminó con {child.returncode}")
            with suppress(requests.RequestException):
                if requests.get(url, timeout=2).status_code < 500:
                    return
            time.sleep(0.1)
        raise DidNotStart(f"{url} no respondió en {START_S:.0f} s")

    def wait(self) -> None:
        """Until Ctrl-C, SIGTERM, or a process ends by itself, which is told as DidNotStart."""
        with _told_to_stop() as told:
            while not told():
                for child in self._running:
                    if child.poll() is not None:
                        raise DidNotStart(f"el proceso {child.pid} terminó con {child.returncode}")
                time.sleep(0.2)

    def stop(self) -> None:
        for child in reversed(self._running):
            if child.poll() is None:
                child.terminate()
        for child in self._running:
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._running.clear()


class _told_to_stop:
    """Within it, SIGTERM and Ctrl-C are remembered instead of breaking what runs."""

    def __enter__(self) -> Callable[[], bool]:
        self._told = False
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return lambda: self._told

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
