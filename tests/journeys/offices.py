"""A centre and cabins, each its own process with its own data, that may be killed, replaced and put back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import requests

from cac.access.actions import SYSTEM, create_token
from cac.sync.actions import Terms, add_cabina, give_pairing_code
from cac.sync.keys import centre_key
from cac.tupa.actions import import_tupa
from core import wire
from core.clock import now_utc
from intake.tupa import parse_tupa
from storage import Store
from tests.databases import free_port
from tests.demo import Api, eventually, run
from tests.servers import LiveServer

RUC = "20512333797"
APPLICANT = {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"}
BACK_S = 180  # a deadline for a starved machine; by itself a cabin is back within its 30 s


class Till:
    """A PC of a cabin."""

    def __init__(self, folder: Path, code: str):
        self.folder, self.code, self.port = folder, code, free_port()
        self.marks = {"CAC_MARKER_DIR": str(folder / "marca")}
        self.server: LiveServer | None = None
        self.api: Api | None = None

    def pair(self, url: str, pairing_code: str) -> None:
        where = ("--dir", str(self.folder))
        run("cabina", "pair", "--centre", url, "--code", pairing_code, *where, **self.marks)
        if self.api is None:
            token = run("cabina", "token", *where, **self.marks).strip()
            self.api = Api(f"http://127.0.0.1:{self.port}", token)

    def start(self) -> None:
        self.server = LiveServer("cabina", "--dir", str(self.folder), "--port", str(self.port), **self.marks)

    def kill(self) -> None:
        if self.server is not None and self.server.process.poll() is None:
            self.server.kill()

    def ask(self, path: str) -> Any:
        assert self.api is not None
        return self.api.get(path).json()

    def file(self, **changes: Any) -> requests.Response:
        assert self.api is not None
        body = {
            "tramite": "RC-01",
            "applicant": APPLICANT,
            "subject": "Copia de partida de nacimiento",
            "sheets": 1,
            "missing": [],
            "payment": {"method": "efectivo"},
        }
        return self.api.post("/expedientes", body | changes)

    def filed(self) -> str:
        answer = self.file()
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["number"]
        return number

    def drained(self) -> bool:
        """Whether it knows of nothing left to send, and the centre answered since the last word of trouble."""
        with suppress(requests.RequestException):
            seen = self.ask("/sync")
            return seen["pending"] == 0 and seen["state"] in ("al_dia", "congelada")
        return False


class Offices:
    def __init__(self, folder: Path, *, host: str = "127.0.0.1", inside: tuple[str, ...] = (), tls: bool = False):
        self.folder, self.port, self.host, self.inside = folder, free_port(), host, inside
        self.database = folder / "centro" / "cac.db"
        self.environment = {
            "CAC_DATA_DIR": str(folder / "centro"),
            "CAC_DATABASE_URL": f"sqlite:///{self.database}",
        }
        self.scheme = ("--tls",) if tls else ()
        self.tills: list[Till] = []
        self.centre: LiveServer | None = None
        run("db", "upgrade", **self.environment)
        with closing(self._store()) as store:
            now = now_utc()
            tupa = parse_tupa(Path("data/tupa.json").read_text(encoding="utf-8"))
            store.write(import_tupa, tupa, principal=SYSTEM, now=now)
            self.tokens = {
                role: store.write(create_token, role=role, name=role, now=now) for role in ("tesoreria", "ventanilla")
            }
        self.serve()

    def _store(self) -> Store:
        return Store(self.environment["CAC_DATABASE_URL"])

    def serve(self) -> None:
        host = ("--host", self.host) if self.host != "127.0.0.1" else ()
        arguments = ("serve", "--port", str(self.port), *host, *self.scheme)
        self.centre = LiveServer(*arguments, inside=self.inside, **self.environment)

    def convene(self, code: str) -> None:
        terms = Terms(code, f"Cabina {code}", "Los Sauces S.A.C.", RUC, guarantee_centimos=90_000_000)
        with closing(self._store()) as store:
            store.write(add_cabina, terms, principal=SYSTEM, now=now_utc())

    def pairing_code(self, code: str) -> str:
        key = wire.public_text(centre_key(self.folder / "centro" / "keys"))
        with closing(self._store()) as store:
            given: str = store.write(give_pairing_code, code, centre_key=key, principal=SYSTEM, now=now_utc())
            return given

    def till(self, code: str, name: str = "") -> Till:
        """A new PC of the cabin, paired and working."""
        assert self.centre is not None
        till = Till(self.folder / (name or code), code)
        till.pair(self.centre.url, self.pairing_code(code))
        till.start()
        self.tills.append(till)
        return till

    def ask(self, role: str, path: str) -> Any:
        assert self.centre is not None
        bearer = {"Authorization": f"Bearer {self.tokens[role]}"}
        return requests.get(f"{self.centre.url}/api/v1{path}", headers=bearer, timeout=30, verify=False).json()

    def tell(self, role: str, path: str, body: Any = None) -> requests.Response:
        assert self.centre is not None
        headers = {"Authorization": f"Bearer {self.tokens[role]}", "Idempotency-Key": os.urandom(8).hex()}
        url = f"{self.centre.url}/api/v1{path}"
        return requests.post(url, json=body or {}, headers=headers, timeout=30, verify=False)

    def cases(self, code: str) -> list[str]:
        """Numbers at the centre that came by a cabin, sorted."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as link:
            return [row[0] for row in link.execute("SELECT number FROM expediente WHERE cabina = ? ORDER BY 1", [code])]

    def count(self) -> int:
        """Cases at the centre, of anybody."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as link:
            return int(link.execute("SELECT count(*) FROM expediente").fetchone()[0])

    def settled(self, till: Till) -> bool:
        """Whether both ends say the same of the cabin: nothing on its way, the same debt, the same count of events."""
        with suppress(requests.RequestException, KeyError, ValueError):
            if not till.drained():
                return False
            here, there = till.ask("/caja"), self.ask("tesoreria", f"/cabinas/{till.code}")
            return bool(there["balance_centimos"] == here["municipal_held_centimos"] and there["pending"] == 0)
        return False

    def agree(self, till: Till, numbers: list[str]) -> None:
        """The centre has exactly these cases of the cabin, each once, and both say the same debt to the céntimo."""
        eventually(lambda: self.settled(till), within_s=BACK_S, what=f"{till.code} at both ends")
        eventually(lambda: self.cases(till.code) == sorted(numbers), within_s=BACK_S, what=f"the cases of {till.code}")
        assert len(numbers) == len(set(numbers)), "a number given twice"
        assert self.ask("tesoreria", f"/cabinas/{till.code}")["quarantined"] == []

    def close(self) -> None:
        for till in self.tills:
            till.kill()
        if self.centre is not None and self.centre.process.poll() is None:
            self.centre.kill()
