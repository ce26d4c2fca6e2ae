"""A device becomes ours by a one-time URL with one button."""

from sqlalchemy import select, update

from cac.access import identify
from cac.access.actions import create_device
from cac.access.models import Device
from core.clock import now_utc


def new_device(store, kind="kiosko", sala="principal"):
    return store.write(create_device, kind=kind, name="Equipo 1", sala=sala, now=now_utc())


def test_looking_at_the_url_pairs_nothing(store, client):
    secret = new_device(store)
    for _ in range(2):
        page = client.get(f"/emparejar/{secret}")
        assert page.status_code == 200 and "Equipo 1" in page.text
    assert client.get_cookie("equipo_kiosko") is None


def test_the_button_leaves_a_cookie_scripts_cannot_read_and_goes_to_the_devices_page(store, client):
    answer = client.post(f"/emparejar/{new_device(store)}")
    assert answer.location == "/kiosko"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert client.post(f"/emparejar/{new_device(store, 'pantalla')}").location == "/pantalla/principal"


def test_a_url_serves_once(store, client, app):
    secret = new_device(store)
    client.post(f"/emparejar/{secret}")
    assert app.test_client().post(f"/emparejar/{secret}").status_code == 404
    assert app.test_client().get(f"/emparejar/{secret}").status_code == 404


def test_one_browser_may_be_kiosk_and_screen(store, client, app):
    client.post(f"/emparejar/{new_device(store)}")
    client.post(f"/emparejar/{new_device(store, 'pantalla')}")
    kiosk, screen = client.get_cookie("equipo_kiosko").value, client.get_cookie("equipo_pantalla").value
    identity = app.extensions["identity"]
    with app.test_request_context("/kiosko", headers={"Cookie": f"equipo_kiosko={kiosk}; equipo_pantalla={screen}"}):
        assert identity.of_request().role == "kiosko"
    with app.test_request_context("/pantalla/principal", headers={"Cookie": f"equipo_kiosko={kiosk}"}):
        assert identity.of_request() is identify.ANYBODY


def test_a_revoked_device_is_nobody(store, client, app):
    client.post(f"/emparejar/{new_device(store)}")
    cookie = client.get_cookie("equipo_kiosko").value
    store.write(lambda session: session.execute(update(Device).values(revoked_at=now_utc())) and None)
    with app.test_request_context("/kiosko", headers={"Cookie": f"equipo_kiosko={cookie}"}):
        assert app.extensions["identity"].of_request() is identify.ANYBODY


def test_only_hashes_are_stored(store, client):
    secret = new_device(store)
    client.post(f"/emparejar/{secret}")
    with store.read() as session:
        device = session.scalar(select(Device))
        kept = {device.pairing_sha256, device.cookie_sha256}
    assert secret not in kept and client.get_cookie("equipo_kiosko").value not in kept
