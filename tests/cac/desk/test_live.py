"""What screens, phones and staff pages hear, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
import requests
import socketio
from sqlalchemy import update

from cac.access.models import ApiToken
from core.clock import now_utc
from tests.cac.desk.centre import Centre, empty, eventually, started
from tests.databases import Databases


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def centre(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[Centre]:
    with started(request.param, databases, tmp_path_factory.mktemp("centro")) as centre:
        yield centre


class Listener:
    def __init__(self, client: socketio.Client):
        self.client, self.heard = client, {"tablero": [], "latido": [], "turno": [], "cola": []}


@contextmanager
def listening(centre: Centre, namespace: str, auth: dict, **kw) -> Iterator[Listener]:
    listener = Listener(socketio.Client(reconnection=False, handle_sigint=False))
    for event, heard in listener.heard.items():
        listener.client.on(event, heard.append, namespace=namespace)
    listener.client.connect(
        centre.url, auth=auth, namespaces=[namespace], transports=["websocket"], wait_timeout=30, **kw
    )
    try:
        yield listener
    finally:
        listener.client.disconnect()


def screen(centre: Centre):
    return listening(centre, "/salas", {"token": centre.tokens["pantalla"], "sala": "principal"})


def test_a_screen_hears_the_whole_board_at_once_and_on_each_change(centre):
    with screen(centre) as tv:
        eventually(lambda: tv.heard["tablero"])
        code = centre("kiosko").post("/tickets", {"service": "A"}).json()["code"]
        eventually(lambda: {"code": code} in tv.heard["tablero"][-1]["waiting"])
        call = centre("ventanilla").post("/ventanillas/3/llamados").json()
        eventually(lambda: tv.heard["tablero"][-1]["seq"] == call["seq"])
        shown = tv.heard["tablero"][-1]["calls"][-1]
        assert (shown["code"], shown["ventanilla"]) == (code, 3)
        assert shown["called_at"].endswith("-05:00") and datetime.fromisoformat(shown["called_at"])
    empty(centre)


def test_a_screen_hears_a_heartbeat_every_three_seconds(centre):
    with screen(centre) as tv:
        eventually(lambda: len(tv.heard["latido"]) >= 2, within_s=30)
        assert set(tv.heard["latido"][0]) == {"seq", "now"}


def test_several_calls_in_a_second_all_reach_the_screen_in_order(centre):
    kiosk, clerk = centre("kiosko"), centre("ventanilla")
    for _ in range(3):
        kiosk.post("/tickets", {"service": "B"})
    with screen(centre) as tv:
        seqs = [clerk.post(f"/ventanillas/{number}/llamados").json()["seq"] for number in (1, 2, 3)]
        eventually(lambda: tv.heard["tablero"][-1]["seq"] == seqs[-1])
        assert [call["seq"] for call in tv.heard["tablero"][-1]["calls"]][-3:] == seqs == sorted(seqs)
    empty(centre)


def test_a_phone_hears_its_own_turn_from_place_to_end(centre):
    kiosk, clerk = centre("kiosko"), centre("ventanilla")
    kiosk.post("/tickets", {"service": "C"})
    ticket = kiosk.post("/tickets", {"service": "C"}).json()
    with listening(centre, "/turnos", {"turno": ticket["follow_url"].rsplit("/", 1)[1]}) as phone:
        eventually(lambda: phone.heard["turno"] and phone.heard["turno"][-1]["ahead"] == 1)
        clerk.post("/ventanillas/1/llamados")
        eventually(lambda: phone.heard["turno"][-1]["ahead"] == 0)
        clerk.post("/ventanillas/2/llamados")
        eventually(lambda: phone.heard["turno"][-1]["state"] == "llamado")
        assert phone.heard["turno"][-1]["ventanilla"] == 2
        clerk.post(f"/tickets/{ticket['id']}/atenciones", {"ventanilla": 2})
        clerk.post(f"/tickets/{ticket['id']}/cierres", {"ventanilla": 2})
        eventually(lambda: phone.heard["turno"][-1]["state"] == "atendido")
        assert {turn["code"] for turn in phone.heard["turno"]} == {ticket["code"]}
    empty(centre)


def test_a_staff_page_is_told_that_its_queue_changed(centre):
    with listening(centre, "/panel", {"token": centre.tokens["ventanilla"]}) as panel:
        centre("ventanilla").post("/ventanillas/4/pausas", {"motivo": "refrigerio"})
        eventually(lambda: panel.heard["cola"])
        assert panel.heard["cola"][-1]["sala"] == "principal"


@pytest.mark.parametrize(
    ("namespace", "auth"),
    [
        ("/salas", {"sala": "principal"}),
        ("/salas", {"token": "x", "sala": "principal"}),
        ("/turnos", {"turno": "x"}),
        ("/turnos", {}),
        ("/panel", {}),
    ],
)
def test_who_may_not_listen_is_refused(centre, namespace, auth):
    with pytest.raises(socketio.exceptions.ConnectionError), listening(centre, namespace, auth):
        pass


def test_roles_and_salas_are_checked(centre):
    for role, sala in (("auditor", "principal"), ("pantalla", "otra")):
        with (
            pytest.raises(socketio.exceptions.ConnectionError),
            listening(centre, "/salas", {"token": centre.tokens[role], "sala": sala}),
        ):
            pass
    with (
        pytest.raises(socketio.exceptions.ConnectionError),
        listening(centre, "/panel", {"token": centre.tokens["pantalla"]}),
    ):
        pass


def test_a_page_of_another_site_cannot_listen(centre):
    answer = requests.get(
        f"{centre.url}/socket.io/?EIO=4&transport=polling", headers={"Origin": "http://otra.example"}, timeout=30
    )
    assert answer.status_code == 400


def test_a_revoked_screen_is_cut_off_by_itself(centre):
    with screen(centre) as tv:
        eventually(lambda: tv.heard["tablero"])
        with centre.store() as store:
            store.write(
                lambda s: (
                    s.execute(update(ApiToken).where(ApiToken.role == "pantalla").values(revoked_at=now_utc())) and None
                )
            )
        eventually(lambda: not tv.client.connected or "/salas" not in tv.client.namespaces)
