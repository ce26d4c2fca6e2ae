"""A printer through the spooler of Windows, which takes bytes and never says whether they came out on paper.

Written from the documentation of the spooler and of pywin32; tried against a spooler of the tests only, not on Windows."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from printing.link import SaysNoMore
from printing.outcome import Health, NotReady, Outcome, State

INFO_WITH_STATUS = 2  # PRINTER_INFO_2
WORKS_OFFLINE = 0x400  # PRINTER_ATTRIBUTE_WORK_OFFLINE

# PRINTER_STATUS_* of winspool.h; the first that stands is the one to tell
PROBLEMS = {
    0x10: "La impresora no tiene papel.",
    0x08: "La impresora tiene el papel atascado.",
    0x40: "La impresora tiene un problema con el papel.",
    0x400000: "La impresora tiene la tapa abierta.",
    0x80: "La impresora está apagada o desconectada.",
    0x1000: "La impresora está apagada o desconectada.",
    0x01: "La cola de Windows de esa impresora está en pausa.",
    0x100000: "La impresora espera a una persona.",
    0x02: "La impresora señala un error.",
}
SAYS_LITTLE = "Windows no avisa si el papel salió: después de cada papel se preguntará a una persona."


@dataclass(frozen=True, slots=True)
class WindowsPort:
    name: str

    def open(self) -> WindowsLink:
        self.check()
        return WindowsLink(self.name)

    def check(self) -> Health:
        """What Windows knows of it. What its queue already holds would come out late: better our job waits here."""
        spooler = _spooler()
        try:
            with _printer(spooler, self.name) as printer:
                about = spooler.GetPrinter(printer, INFO_WITH_STATUS)
        except spooler.error as error:
            raise NotReady(f"Windows no encuentra la impresora {self.name} ({_words(error)}).") from error
        if about["Attributes"] & WORKS_OFFLINE:
            raise NotReady("Windows tiene esa impresora como «sin conexión».")
        for flag, words in PROBLEMS.items():
            if about["Status"] & flag:
                raise NotReady(words)
        return Health(warning=SAYS_LITTLE)


@dataclass(frozen=True, slots=True)
class WindowsLink(SaysNoMore):
    name: str

    def send(self, job_id: str, data: bytes) -> Outcome:
        """One document of the queue. A write that fails does not say how much it had taken: from then on nobody knows."""
        spooler = _spooler()
        sent, begun = 0, False
        try:
            with _printer(spooler, self.name) as printer:
                spooler.StartDocPrinter(printer, 1, (job_id, None, "RAW"))
                try:
                    spooler.StartPagePrinter(printer)
                    begun = True
                    while sent < len(data):
                        sent += spooler.WritePrinter(printer, data[sent:]) or _stuck(spooler)
                    spooler.EndPagePrinter(printer)
                    spooler.EndDocPrinter(printer)
                except spooler.error:
                    spooler.AbortPrinter(printer)
                    raise
        except spooler.error as error:
            if begun:
                return Outcome(State.UNKNOWN, f"Windows cortó el papel a la mitad ({_words(error)}).", sent)
            return Outcome(State.NOT_SENT, f"Windows no aceptó el papel ({_words(error)}).")
        return Outcome(State.UNKNOWN, "Quedó en la cola de Windows, que no avisa si salió.", sent)


def _stuck(spooler: Any) -> int:
    raise spooler.error(0, "WritePrinter", "no recibe más")


@contextmanager
def _printer(spooler: Any, name: str) -> Iterator[Any]:
    printer = spooler.OpenPrinter(name)
    try:
        yield printer
    finally:
        spooler.ClosePrinter(printer)


def _spooler() -> Any:
    """pywin32's module of the spooler, which comes with this program on Windows. Raises NotReady elsewhere."""
    try:
        return importlib.import_module("win32print")
    except ImportError as error:
        raise NotReady("windows:// solo funciona en un equipo con Windows.") from error


def _words(error: Exception) -> str:
    """What Windows says: (number, function, text)."""
    return str(error.args[-1]).rstrip(". ") if error.args else type(error).__name__
