"""The municipality's words and logo: typed, seen, kept, printed; a copy of years later is still the same paper."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select

from cac.audit.models import AuditEntry
from cac.desk import demo
from cac.desk.actions.issue import issue
from cac.paper import actions, wording
from cac.paper.models import PaperText, PrintJob
from cac.paper.queries import site_of_paper
from core.clock import now_utc
from printing import pdf
from printing.decoder import decode
from printing.elements import Raster
from printing.outcome import State
from printing.pdf.picture import first_page
from printing.samples import POSTER, SAMPLES
from printing.wording import SENTENCES
from tests.cac.paper.test_paper import enqueue, kiosko, set_state  # noqa: F401
from tests.cac.paper.test_paper import folder as folder
from web.access import ANYBODY, Principal

CLERK = Principal("staff", 1, "Rosa Huamán", "ventanilla")
PAGE = "/admin/papeles/ticket/es"


@pytest.fixture
def admin(person):
    return person("admin")


def typed(kind="ticket", language="es", **own):
    return {name: sentence.default(language) for name, sentence in SENTENCES[kind].items()} | own


def image(ink=(0, 0, 0)) -> io.BytesIO:
    picture = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(picture).ellipse((60, 20, 240, 180), fill=ink)
    out = io.BytesIO()
    picture.save(out, "PNG")
    out.seek(0)
    return out


def put_logo(admin, ink=(0, 0, 0)):
    return admin.post("/admin/papeles/logos", {"logo": (image(ink), "escudo.png")}, content_type="multipart/form-data")


def job_of(store, job_id):
    with store.read() as session:
        return session.get(PrintJob, job_id)


def noted(store, action):
    with store.read() as session:
        return list(
            session.scalars(select(AuditEntry.detail).where(AuditEntry.action == action).order_by(AuditEntry.id))
        )


def test_words_are_printed_from_the_next_paper_on_and_each_change_is_in_the_log(store, kiosko, admin):  # noqa: F811
    before = job_of(store, enqueue(store))
    assert admin.post(PAGE, typed(seat="Siéntese donde guste.", foot="Informes 076 362 201")).status_code == 302
    after = decode(job_of(store, enqueue(store, "A-048")).data)
    assert any("Siéntese donde guste." in line for line in after.lines) and "Informes 076" in after.lines[-1]
    assert "Tome asiento." in decode(before.data).text, "what was made before stays as it was"
    assert noted(store, "papel.texto") == [
        "Qué hacer: «Tome asiento.» → «Siéntese donde guste.»",
        "Al final: «» → «Informes 076 362 201»",
    ]
    admin.post(PAGE, typed(seat="Siéntese donde guste.", foot=""))
    assert noted(store, "papel.texto")[2:] == ["Al final: «Informes 076 362 201» → «»"]
    admin.post(PAGE, {"restaurar": "1"})
    with store.read() as session:
        assert session.scalars(select(PaperText)).all() == []
    assert "Tome asiento." in decode(job_of(store, enqueue(store, "A-049")).data).text


def test_a_copy_carries_the_words_and_the_logo_of_its_original(store, kiosko, admin):  # noqa: F811
    admin.post(PAGE, typed(seat="Siéntese donde guste."))
    put_logo(admin)
    job = enqueue(store)
    set_state(store, job, State.CONFIRMED)
    admin.post(PAGE, {"restaurar": "1"})
    put_logo(admin, ink=(150, 150, 150))
    later = now_utc() + timedelta(days=400)
    copy = store.write(actions.reprint, job, principal=CLERK, now=later)["id"]
    first, second = (decode(job_of(store, one).data) for one in (job, copy))
    strips = [[one for one in decoded.elements if isinstance(one, Raster)] for decoded in (first, second)]
    assert strips[0] == strips[1] and strips[0]
    assert "Siéntese donde guste." in second.text and "REIMPRESIÓN 1" in second.text


def test_the_preview_is_drawn_from_the_bytes_that_would_be_printed(store, kiosko, admin):  # noqa: F811
    """P11: what the administrator sees before saving is, dot by dot, what the next paper's stored bytes print."""
    put_logo(admin)
    words = typed(seat="Siéntese donde guste.", head="RUC 20143623042")
    seen = admin.get(f"{PAGE}.png", query_string=words)
    assert seen.mimetype == "image/png" and admin.get(f"{PAGE}.png").data != seen.data
    admin.post(PAGE, words)
    job = store.write(
        actions.enqueue, purpose="tickets", sala_code=None, paper=sample_of(store), subject="ticket:1", now=now_utc()
    )
    assert admin.get(f"/impresiones/{job}.png").data == seen.data == admin.get(f"{PAGE}.png").data
    narrow = admin.get(f"{PAGE}.png?ancho=58").data
    assert Image.open(io.BytesIO(narrow)).width < Image.open(io.BytesIO(seen.data)).width


def sample_of(store):
    with store.read() as session:
        return replace(SAMPLES["ticket"], **site_of_paper(session))


def test_a_ticket_is_printed_in_the_language_chosen_at_the_kiosk(store, kiosko, admin):  # noqa: F811
    store.write(demo.seed, now=now_utc())
    admin.post("/admin/papeles/ticket/en", typed(language="en", seat="Sit down, please."))
    told = {}
    for language in ("es", "qu", "en", "xx"):
        made = store.write(
            issue,
            "A",
            preferente=False,
            channel="kiosco",
            on_paper=True,
            principal=ANYBODY,
            public_url="https://cac.ejemplo.gob.pe",
            now=now_utc(),
            language=language,
        )
        told[language] = decode(job_of(store, made["print_job"]).data).text
    assert "SU TURNO" in told["es"] and "TURNOYKI" in told["qu"] and "Sit down, please." in told["en"]
    assert "SU TURNO" in told["xx"], "a language that no paper speaks is Spanish"


def test_what_cannot_be_printed_is_told_beside_its_field_and_nothing_is_kept(store, admin):
    wrong = admin.post(PAGE, typed(calls="Le llamamos {x}", title="x" * 25, seat="Siéntese"))
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and 'id="calls-error"' in page and 'id="title-error"' in page
    assert 'value="Siéntese"' in page
    with store.read() as session:
        assert session.scalars(select(PaperText)).all() == []


def test_a_logo_is_put_seen_and_taken_away(store, kiosko, admin):  # noqa: F811
    refused = admin.post("/admin/papeles/logos", {"logo": (io.BytesIO(b"%PDF-1.7"), "logo.png")})
    assert refused.status_code == 422 and "PNG o JPG" in refused.get_data(as_text=True)
    assert admin.post("/admin/papeles/logos", {}).status_code == 422
    assert put_logo(admin).status_code == 302 and put_logo(admin).status_code == 302
    assert "kB a cada papel" in admin.get("/admin/papeles").get_data(as_text=True)
    assert any(isinstance(one, Raster) for one in decode(job_of(store, enqueue(store)).data).elements)
    admin.post("/admin/papeles/logos/bajas")
    assert "salen sin logo" in admin.get("/admin/papeles").get_data(as_text=True)
    assert not any(isinstance(one, Raster) for one in decode(job_of(store, enqueue(store, "B")).data).elements)
    assert [detail[-8:] for detail in noted(store, "papel.logo")][1:] == ["sin logo"]


def test_the_a4_is_seen_with_what_is_being_typed_as_it_will_be_drawn(store, admin):
    """P11 of the documents: the picture is the first page of the very PDF."""
    put_logo(admin)
    own = {"title": "Pida su turno aquí", "head": "RUC 20143623042"}
    seen = admin.get("/admin/papeles/cartel/es.png", query_string=typed("cartel", **own))
    assert seen.mimetype == "image/png" and seen.data != admin.get("/admin/papeles/cartel/es.png").data
    admin.post("/admin/papeles/cartel/es", typed("cartel", **own))
    with store.read() as session:
        held = wording.for_a4(session, replace(POSTER, **site_of_paper(session)))
    assert held[0].texts == own and held[1]
    assert first_page(pdf.draw(*held)) == seen.data == admin.get("/admin/papeles/cartel/es.png?ancho=a4").data


def test_each_paper_is_shown_in_the_sizes_it_has(admin):
    sizes = {kind: admin.get(f"/admin/papeles/{kind}/es").text.count("data-draws") for kind in SENTENCES}
    assert sizes == {
        "ticket": 2, "cargo": 3, "recibo": 2, "z": 2, "liquidacion": 3, "valija": 2,
        "caratula": 1, "reporte": 1, "tupa": 1, "cartel": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "nada/es", "cargo/qu", "ticket/xx", "ticket/xx.png", "nada/es.png",
        "ticket/es.png?ancho=a4", "cartel/es.png?ancho=80", "cargo/es.png?ancho=7",
    ],
)  # fmt: skip
def test_a_paper_that_is_not_there_is_said_so(admin, address):
    assert admin.get(f"/admin/papeles/{address}").status_code == 404
