"""C7 with processes: a bad disk, a damaged database, and the way back to work without anybody who knows about computers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

from tests.demo import eventually
from tests.journeys.test_cabin_and_centre import BACK_S, Town, database_url
from tests.servers import LiveServer

__all__ = ["database_url"]
pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.timeout(400)]


def flip(database: Path) -> None:
    """One bit at the head of each page from the second on."""
    data = bytearray(database.read_bytes())
    for at in range(4096, len(data), 4096):
        data[at] ^= 0x10
    database.write_bytes(data)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_c7_a_damaged_till_opens_in_rescue_and_comes_back_with_all_the_centre_holds(tmp_path: Path, database_url: str):
    town = Town(tmp_path, database_url, 90_000)
    folder = tmp_path / "cabina"
    try:
        assert town.file().status_code == 201
        eventually(lambda: list((folder / "copias").glob("cabina-*.db")), what="the first copy")
        numbers = [town.file().json()["number"] for _ in range(3)]
        eventually(lambda: town.caja()["pending_sync"] == 0, within_s=BACK_S, what="all at the centre")
        owed = town.caja()["municipal_held_centimos"]
        town.cabina.stop()
        flip(folder / "cabina.db")
        (folder / "cabina.db-wal").unlink(missing_ok=True)
        port = town.cabina.port
        town.cabina = rescued = LiveServer(
            "cabina", "--port", str(port), "--dir", str(folder), health="/static/css/cabina.css", **town.marks
        )
        page = requests.Session()
        shown = page.get(rescued.url, timeout=30)
        assert shown.status_code == 503 and "La caja está detenida" in shown.text
        assert town.file().status_code == 404, "nothing is charged"
        form = {
            "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', shown.text)[1],
            "copia": re.search(r'name="copia" value="([^"]+)"', shown.text)[1],
        }
        put = page.post(f"{rescued.url}/restauraciones", data=form, headers={"Origin": rescued.url}, timeout=30)
        assert "Copia puesta" in put.text

        def files_again() -> dict | None:
            try:
                answer = town.file()
                return answer.json() if answer.status_code == 201 else None
            except requests.RequestException:
                return None  # it is starting

        again = eventually(files_again, within_s=BACK_S, what="a case in a new series")
        assert again["number"].split("-")[1] == "C01B"
        for number in numbers:
            path = f"/expedientes/{number}"
            eventually(lambda path=path: town.till.get(path).status_code == 200, within_s=BACK_S, what=number)
        eventually(lambda: town.caja()["pending_sync"] == 0, within_s=BACK_S)
        assert town.caja()["municipal_held_centimos"] == owed + 1_100
        eventually(lambda: town.cabin_at_centre()["balance_centimos"] == owed + 1_100, within_s=BACK_S)
    finally:
        town.close()
