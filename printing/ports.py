"""The ways out to a printer. A port is a description; `open` gives a link for one job, thrown away after it whatever
happened, so an unplugged and replugged printer is simply the next link.

Own transports under python-escpos's bytes, because only they can say what was sent: deadlines everywhere, and no answer
taken for granted."""

from __future__ import annotations

import errno
import os
import re
import select
import socket
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import serial
import usb.core
import usb.util

from core.errors import Invalid
from printing import handshake
from printing.decoder import decode
from printing.handshake import Exchange, MayHaveLeft, Stream
from printing.link import Link, Port, SaysNoMore
from printing.outcome import Health, NotReady, Outcome, State, reason
from printing.profile import Profile
from printing.windows import WindowsPort

CONNECT_S = 4.0
WAIT_MAX_S = 30  # less than a worker's lease of its printer
FRESH_S = 5.0  # a printer heard of this recently is not asked again before a job
TCP_PORT = 9100
BAUD = 9600
USB_PRINTER_CLASS = 7
JOB_NAME = re.compile(r"[0-9A-Za-z._-]{1,80}")


class BadPrinterUrl(Invalid):
    code = "impresora.direccion_invalida"
    detail = (
        "La dirección de la impresora no se entiende. Use tcp://equipo:9100, usb://vid:pid, serial:///dev/ttyUSB0, "
        "file:///dev/usb/lp0, folder:///carpeta, windows://nombre o agent://nombre."
    )


def open_port(url: str) -> Port:
    """The port of a printer's URL; nothing is opened yet. Raises BadPrinterUrl, BadProfile.

    `agent://` has no port here: its agent, on the other PC, has one."""
    profile = Profile.from_url(url)
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    try:
        spoken: dict[str, Any] = {"answers": profile.answers, "wait_s": _wait_of(options)}
        match parts.scheme:
            case "tcp" if parts.hostname:
                return StreamPort(TcpOpener(parts.hostname, parts.port or TCP_PORT), **spoken)
            case "usb" if parts.netloc:
                vendor, product = (int(part, 16) for part in parts.netloc.split(":"))
                return StreamPort(UsbOpener(vendor, product, options.get("serial")), **spoken)
            case "serial" if parts.path:
                return StreamPort(SerialOpener(_device(parts.path), int(options.get("baud", BAUD))), **spoken)
            case "file" if parts.path:
                path = Path(_device(parts.path))
                return StreamPort(DeviceOpener(path), **spoken) if _is_device(path) else FilePort(path)
            case "folder" if parts.path:
                return FolderPort(Path(_device(parts.path)), profile.columns, options.get("png", "no") != "no")
            case "windows" if parts.netloc:
                return WindowsPort(unquote(parts.netloc))
    except ValueError as error:
        raise BadPrinterUrl from error
    raise BadPrinterUrl


def _wait_of(options: dict[str, str]) -> float | None:
    """Raises ValueError."""
    if "wait" not in options:
        return None
    seconds = int(options["wait"])
    if not 1 <= seconds <= WAIT_MAX_S:
        raise ValueError("wait")
    return float(seconds)


def is_agent(url: str) -> bool:
    """Whether the jobs of this printer are fetched by an agent on another PC."""
    parts = urlsplit(url)
    return parts.scheme == "agent" and bool(parts.netloc)


def check_url(url: str) -> None:
    """Raises BadPrinterUrl or BadProfile for a URL that no printer could have."""
    if is_agent(url):
        Profile.from_url(url)
    else:
        open_port(url)


def _device(path: str) -> str:
    path = unquote(path)
    return path[1:] if re.match(r"/[A-Za-z]:", path) else path  # file:///C:/… on Windows


def _is_device(path: Path) -> bool:
    try:
        return stat.S_ISCHR(path.stat().st_mode)
    except OSError:
        return str(path).startswith("/dev/")


# Devices that answer: TCP, USB, serial, a character device


class Opener(Protocol):
    """Opens the stream of a device. Raises OSError."""

    def __call__(self) -> Stream: ...


@dataclass(slots=True)
class StreamPort:
    """A printer at the end of a stream, asked before and after each job."""

    open_stream: Opener
    answers: bool = True
    wait_s: float | None = None  # for the answer behind a job
    _mute: bool = False
    _heard_at: float = field(default=-FRESH_S)
    _has_answered: bool = False

    def open(self) -> Link:
        stream = self._connect()
        owed = 0
        if self.answers and time.monotonic() - self._heard_at > FRESH_S:
            try:
                owed = self._preflight(stream)[1]
            except NotReady:
                stream.close()
                raise
        return StreamLink(stream, Exchange(stream, self.answers, owed, self.wait_s), self._heard, self._has_answered)

    def check(self) -> Health:
        stream = self._connect()
        try:
            return self._preflight(stream)[0] if self.answers else handshake.SILENT
        finally:
            stream.close()

    def _connect(self) -> Stream:
        try:
            return self.open_stream()
        except OSError as error:
            self._heard(False)
            raise NotReady(f"No se pudo conectar con la impresora ({reason(error)}).") from error

    def _preflight(self, stream: Stream) -> tuple[Health, int]:
        wait_s = handshake.PREFLIGHT_MUTE_S if self._mute else handshake.PREFLIGHT_S
        health, owed = handshake.preflight(stream, wait_s)
        self._heard(owed == 0)
        if owed == 2 and self._has_answered:
            # It used to answer: it is off or hung, and a job sent now would end as a question to a person.
            raise NotReady("La impresora dejó de contestar.")
        self._mute = owed == 2
        return health, owed

    def _heard(self, well: bool) -> None:
        self._heard_at = time.monotonic() if well else -FRESH_S
        self._has_answered = self._has_answered or well


@dataclass(slots=True)
class StreamLink:
    """`answered`: this printer has answered before, so that its silence means trouble and not that it never speaks."""

    stream: Stream
    exchange: Exchange
    heard: Callable[[bool], None]
    answered: bool

    def send(self, job_id: str, data: bytes) -> Outcome:
        outcome = self.exchange.send(data)
        self.heard(outcome.state is State.CONFIRMED)
        return outcome

    @property
    def hears(self) -> bool:
        return self.answered and self.exchange.open

    def late(self, wait_s: float) -> Outcome | None:
        outcome = self.exchange.late(wait_s)
        if outcome is not None:
            self.heard(outcome.state is State.CONFIRMED)
        return outcome

    def close(self) -> None:
        self.stream.close()


@dataclass(frozen=True, slots=True)
class TcpOpener:
    host: str
    port: int

    def __call__(self) -> Stream:
        return TcpStream(socket.create_connection((self.host, self.port), timeout=CONNECT_S))


@dataclass(slots=True)
class TcpStream:
    sock: socket.socket

    def __post_init__(self) -> None:
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Unacknowledged bytes break the connection after this long, instead of the kernel's quarter of an hour.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(handshake.BARRIER_S * 1000))

    def write(self, data: bytes, timeout_s: float) -> int:
        self._limit(timeout_s)
        return self.sock.send(data)

    def read(self, timeout_s: float) -> bytes:
        self._limit(timeout_s)
        try:
            data = self.sock.recv(64)
        except TimeoutError:
            return b""
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "la impresora cerró la conexión")
        return data

    def close(self) -> None:
        self.sock.close()

    def _limit(self, timeout_s: float) -> None:
        if timeout_s <= 0:
            raise TimeoutError
        self.sock.settimeout(timeout_s)


@dataclass(frozen=True, slots=True)
class DeviceOpener:
    """A character device, such as the kernel's USB printer `/dev/usb/lp0`."""

    path: Path

    def __call__(self) -> Stream:
        try:
            return DeviceStream(os.open(self.path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0)))
        except PermissionError:
            return DeviceStream(os.open(self.path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)))


@dataclass(slots=True)
class DeviceStream:
    descriptor: int

    def write(self, data: bytes, timeout_s: float) -> int:
        if timeout_s <= 0 or not select.select([], [self.descriptor], [], timeout_s)[1]:
            raise TimeoutError
        return os.write(self.descriptor, data)

    def read(self, timeout_s: float) -> bytes:
        until = time.monotonic() + timeout_s
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.descriptor], [], [], left)[0]:
                return b""
            data = os.read(self.descriptor, 64)
            if data:
                return data
            time.sleep(min(left, 0.1))  # usblp says end of file while the printer has nothing to say
        return b""

    def close(self) -> None:
        os.close(self.descriptor)


@dataclass(frozen=True, slots=True)
class SerialOpener:
    device: str
    baud: int

    def __call__(self) -> Stream:
        try:
            return SerialStream(
                serial.Serial(self.device, self.baud, timeout=0, write_timeout=CONNECT_S, exclusive=True)
            )
        except (serial.SerialException, ValueError) as error:
            raise OSError(getattr(error, "errno", None) or errno.ENODEV, "no está conectada") from error


@dataclass(slots=True)
class SerialStream:
    port: Any

    def write(self, data: bytes, timeout_s: float) -> int:
        if timeout_s <= 0:
            raise TimeoutError
        if os.name == "posix" and not select.select([], [self.port.fileno()], [], timeout_s)[1]:
            raise TimeoutError
        self.port.write_timeout = 0 if os.name == "posix" else timeout_s  # 0: it says how many bytes it took
        try:
            written = self.port.write(data[:256])
        except serial.SerialException as error:
            raise MayHaveLeft(getattr(error, "errno", None) or errno.EIO, "dejó de responder") from error
        return int(written or 0)

    def read(self, timeout_s: float) -> bytes:
        if timeout_s <= 0:
            return b""
        self.port.timeout = timeout_s
        try:
            first = bytes(self.port.read(1))
            return first + bytes(self.port.read(self.port.in_waiting)) if first else b""
        except serial.SerialException as error:
            raise OSError(errno.EIO, "dejó de responder") from error

    def close(self) -> None:
        self.port.close()


@dataclass(frozen=True, slots=True)
class UsbOpener:
    """A printer-class USB device by vendor and product, through libusb."""

    vendor: int
    product: int
    serial_number: str | None = None  # tells two of the same kind apart

    def __call__(self) -> Stream:
        named = {"serial_number": self.serial_number} if self.serial_number else {}
        try:
            device = usb.core.find(idVendor=self.vendor, idProduct=self.product, **named)
            if device is None:
                raise OSError(errno.ENODEV, "no está conectada")
            return UsbStream.on(device)
        except usb.core.NoBackendError as error:
            raise OSError(errno.ENOSYS, "falta libusb en este equipo") from error
        except usb.core.USBError as error:
            raise OSError(error.errno or errno.EIO, "la impresora USB no abre") from error


@dataclass(slots=True)
class UsbStream:
    device: Any
    number: int
    out: Any
    into: Any | None

    @classmethod
    def on(cls, device: Any) -> UsbStream:
        configuration = device.get_active_configuration()
        printers = (one for one in configuration if one.bInterfaceClass == USB_PRINTER_CLASS)
        interface = next(printers, None) or configuration[(0, 0)]  # some clones call themselves something else
        number = interface.bInterfaceNumber
        if sys.platform != "win32" and device.is_kernel_driver_active(number):
            device.detach_kernel_driver(number)
        usb.util.claim_interface(device, number)

        def endpoint(direction: int) -> Any:
            return usb.util.find_descriptor(
                interface, custom_match=lambda e: usb.util.endpoint_direction(e.bEndpointAddress) == direction
            )

        out = endpoint(usb.util.ENDPOINT_OUT)
        if out is None:
            raise OSError(errno.ENXIO, "el equipo USB no es una impresora")
        return cls(device, number, out, endpoint(usb.util.ENDPOINT_IN))

    def write(self, data: bytes, timeout_s: float) -> int:
        if timeout_s <= 0:
            raise TimeoutError
        try:
            return int(self.out.write(data, int(timeout_s * 1000)))
        except usb.core.USBTimeoutError as error:  # libusb gives the count when some of it had gone
            raise TimeoutError from error
        except usb.core.USBError as error:
            raise MayHaveLeft(error.errno or errno.EIO, "la impresora USB dejó de responder") from error

    def read(self, timeout_s: float) -> bytes:
        if self.into is None:
            time.sleep(max(0.0, timeout_s))
            return b""
        try:
            return bytes(self.into.read(64, max(1, int(timeout_s * 1000))))
        except usb.core.USBTimeoutError:
            return b""
        except usb.core.USBError as error:
            raise OSError(error.errno or errno.EIO, "la impresora USB dejó de responder") from error

    def close(self) -> None:
        with suppress(usb.core.USBError):  # a printer that was pulled out has nothing to let go
            usb.util.release_interface(self.device, self.number)
        usb.util.dispose_resources(self.device)


# Files and folders: paper for demos and tests


@dataclass(frozen=True, slots=True)
class FilePort:
    """An ordinary file; each job is appended and confirmed once it is on disk."""

    path: Path

    def open(self) -> Link:
        self.check()
        return FileLink(self.path)

    def check(self) -> Health:
        if not self.path.parent.is_dir():
            raise NotReady(f"No existe la carpeta {self.path.parent}.")
        return Health()


@dataclass(frozen=True, slots=True)
class FileLink(SaysNoMore):
    path: Path

    def send(self, job_id: str, data: bytes) -> Outcome:
        sent = 0
        try:
            with self.path.open("ab", buffering=0) as file:
                while sent < len(data):
                    sent += file.write(data[sent:]) or 0
                os.fsync(file.fileno())
        except OSError as error:
            state = State.UNKNOWN if sent else State.NOT_SENT
            return Outcome(state, f"No se pudo escribir en {self.path} ({reason(error)}).", sent)
        return Outcome(State.CONFIRMED, f"Guardado en {self.path}.", sent)


@dataclass(frozen=True, slots=True)
class FolderPort:
    """A virtual printer: each job is one file `<id>.bin`, whole or absent, confirmed once it is on disk under its name."""

    folder: Path
    columns: int = 48
    draws: bool = False

    def open(self) -> Link:
        self.check()
        return FolderLink(self.folder, self.columns, self.draws)

    def check(self) -> Health:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotReady(f"No se puede usar la carpeta {self.folder} ({reason(error)}).") from error
        return Health()


@dataclass(frozen=True, slots=True)
class FolderLink(SaysNoMore):
    folder: Path
    columns: int
    draws: bool

    def send(self, job_id: str, data: bytes) -> Outcome:
        """A job already there with the same bytes is the same paper: it is not written twice."""
        assert JOB_NAME.fullmatch(job_id), f"not a file name: {job_id!r}"
        path = self.folder / f"{job_id}.bin"
        try:
            if not path.exists() or path.read_bytes() != data:
                _put(path, data)
            if self.draws:
                _put(path.with_suffix(".png"), decode(data, columns=self.columns).png())
        except OSError as error:
            return Outcome(State.NOT_SENT, f"No se pudo escribir en {self.folder} ({reason(error)}).")
        return Outcome(State.CONFIRMED, f"Guardado en {path}.", len(data))


def _put(path: Path, data: bytes) -> None:
    """The file whole under its name, or not at all, and on disk when this returns."""
    part = path.with_name(f".{path.name}.parte")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
