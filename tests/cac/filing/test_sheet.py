"""The sheet of a new expediente over HTTP, with forms alone and in parts."""

from __future__ import annotations

import io
import re

from sqlalchemy import select

from cac.access.actions import SYSTEM
from cac.expedientes.models import Documento, Expediente
from cac.filing.models import Draft
from cac.paper import actions as paper
from cac.paper.models import PrintJob
from core.clock import now_utc
from printing.decoder import decode
from tests.cac.counter import file_case, sheet, text_of

PART = {"HX-Request": "true"}
PDF = b"%PDF-1.4 una solicitud"


def part(clerk, path: str, form: dict, **kw):
    return text_of(clerk.post(path, form, headers=PART, **kw))


def one(store, model, **where):
    with store.read() as session:
        return session.scalars(select(model).filter_by(**where)).one()


def test_a_complete_sheet_becomes_a_case(clerk, store):
    number = file_case(clerk)
    page = text_of(clerk.get(f"/expedientes/{number}/recibido"))
    assert number in page and "Cargo en PDF" in page
    case = one(store, Expediente, number=number)
    assert (case.state, case.sheets, case.total_centimos) == ("recibido", 18, 19320)


def test_a_missing_requisite_is_received_with_an_observation_and_there_is_no_way_to_refuse(clerk, store):
    shown = part(clerk, "/expedientes/nuevo/ficha?partes=tramite", sheet(requisito=["1", "2", "4", "5", "6"]))
    assert "Recibir con observación" in shown and "mar. 24 nov." in shown
    assert not re.search(r"[Rr]echazar|[Dd]enegar", shown)
    number = file_case(clerk, requisito=["1", "2", "4", "5", "6"])
    assert one(store, Expediente, number=number).state == "observado"


def test_a_known_document_fills_in_the_person(clerk):
    file_case(clerk)
    shown = part(
        clerk, "/expedientes/nuevo/ficha?partes=persona", {"document_type": "DNI", "document_number": "10117410"}
    )
    assert "Nélida Chuquimango Soto" in shown and "Ya registrada · 1 expediente" in shown


def test_a_document_corrected_to_a_known_one_does_not_carry_the_other_persons_name(clerk):
    file_case(clerk)
    typed = sheet(name="Otra Persona", person_of="new", phone="999")
    shown = part(clerk, "/expedientes/nuevo/ficha?partes=persona", typed)
    assert "Nélida Chuquimango Soto" in shown and "Otra Persona" not in shown and "999" not in shown


def test_the_same_person_with_the_same_tramite_open_is_warned_not_stopped(clerk):
    number = file_case(clerk)
    shown = part(clerk, "/expedientes/nuevo/ficha?partes=persona", sheet())
    assert "ya tiene este trámite abierto" in shown and number in shown
    assert file_case(clerk) != number


def test_a_wrong_dni_digit_warns_and_a_wrong_ruc_is_told_beside_the_field(clerk):
    warned = part(clerk, "/expedientes/nuevo/ficha?partes=persona", sheet(document_number="10117410-3"))
    assert "no coincide" in warned
    refused = clerk.post("/expedientes/nuevo", sheet(document_type="RUC", document_number="20512333798"))
    page = text_of(refused)
    assert refused.status_code == 422
    assert 'id="document_number-error"' in page and 'value="20512333798"' in page


def test_tramites_are_found_by_part_of_the_name_without_accents(clerk):
    shown = part_get(clerk, "/expedientes/nuevo/tramites?tramite=autorizacion espec")
    assert "LF-11" in shown and shown.count('role="option"') == 1


def part_get(clerk, path: str) -> str:
    return text_of(clerk.get(path, headers=PART))


def test_the_rounding_line_shows_only_when_it_is_not_zero(clerk):
    cash = part(clerk, "/expedientes/nuevo/ficha?partes=cuenta", sheet())
    assert "Redondeo por efectivo" in cash and "−0.08" in cash and "S/ 193.20" in cash
    card = part(clerk, "/expedientes/nuevo/ficha?partes=cuenta", sheet(pago="tarjeta"))
    assert "Redondeo" not in card and "S/ 193.28" in card


def test_another_published_amount_is_charged_when_chosen(clerk, store):
    assert "S/ 102.80" in part(clerk, "/expedientes/nuevo/ficha?partes=cuenta", sheet(fee_variant="3"))
    number = file_case(clerk, fee_variant="3", pago="tarjeta")
    assert one(store, Expediente, number=number).total_centimos == 10286


def test_what_is_wrong_is_told_field_by_field_and_nothing_typed_is_lost(clerk):
    answer = clerk.post("/expedientes/nuevo", sheet(sheets="doce", name="", subject="Concierto en la plaza"))
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'id="sheets-error"' in page and 'value="doce"' in page
    assert 'id="name-error"' in page and "Concierto en la plaza" in page
    assert page.count('name="requisito" value') == page.count("checked> <span>") == 6


def test_a_typed_name_that_fits_several_tramites_offers_them_to_choose(clerk):
    answer = clerk.post("/expedientes/nuevo", sheet(tramite="licencia", requisito=[]))
    page = text_of(answer)
    assert answer.status_code == 422 and "Elija uno" in page
    chosen = clerk.post(
        "/expedientes/nuevo", sheet(tramite="licencia", tramite_code="LF-06", requisito=["1", "2", "3"])
    )
    assert chosen.status_code == 302


def test_the_same_press_twice_is_one_case(clerk, store):
    first = clerk.post("/expedientes/nuevo", sheet(), key="k-1")
    again = clerk.post("/expedientes/nuevo", sheet(), key="k-1")
    assert first.location == again.location
    with store.read() as session:
        assert len(session.scalars(select(Expediente)).all()) == 1


def test_a_draft_survives_the_pc_and_ends_with_the_filing(clerk, store):
    saved = part(clerk, "/expedientes/nuevo/ficha?partes=cuenta", sheet(_key="k-2"))
    assert "Borrador guardado 10:46" in saved
    page = text_of(clerk.get("/expedientes/nuevo"))
    assert 'value="10117410"' in page and 'value="k-2"' in page and "LF-11" in page
    clerk.post("/expedientes/nuevo", sheet(), key="k-2")
    part(clerk, "/expedientes/nuevo/ficha?partes=cuenta", sheet(_key="k-2"))  # a save that was still on its way
    with store.read() as session:
        assert session.scalars(select(Draft)).all() == []


def test_drafts_of_two_turns_do_not_mix_and_the_other_is_offered(clerk):
    part(clerk, "/expedientes/nuevo/ficha?partes=cuenta", sheet(ticket="7"))
    page = text_of(clerk.get("/expedientes/nuevo?turno=8"))
    assert "Quedó una ficha sin terminar" in page and "/expedientes/nuevo?turno=7" in page
    assert 'value="10117410"' not in page


def test_a_sheet_can_be_discarded_and_is_blank_again(clerk, store):
    part(clerk, "/expedientes/nuevo/ficha?partes=cuenta", sheet())
    blank = part(clerk, "/expedientes/nuevo/descartes", sheet())
    assert "10117410" not in blank and 'id="nuevo"' in blank
    with store.read() as session:
        assert session.scalars(select(Draft)).all() == []


def test_a_file_goes_up_with_its_hash_and_becomes_a_document_of_the_case(clerk, store):
    sent = {"ticket": "", "files": (io.BytesIO(PDF), "solicitud.pdf")}
    listed = part(clerk, "/expedientes/nuevo/adjuntos", sent, content_type="multipart/form-data")
    digest = re.search(r"SHA-256 ([0-9a-f]{64})", listed)[1]
    number = file_case(clerk)
    document = one(store, Documento, sha256=digest)
    assert (document.name, document.kind) == ("solicitud.pdf", "adjunto")
    assert clerk.get(f"/expedientes/{number}/documentos/{document.ordinal}").data == PDF


def test_a_file_of_another_kind_is_refused_with_its_reason_and_can_be_taken_out(clerk):
    refused = clerk.post(
        "/expedientes/nuevo/adjuntos",
        {"files": (io.BytesIO(b"MZ"), "virus.exe")},
        headers=PART,
        content_type="multipart/form-data",
    )
    assert refused.status_code == 422 and "PDF o una imagen" in text_of(refused)
    sent = {"files": (io.BytesIO(PDF), "a.pdf")}
    listed = part(clerk, "/expedientes/nuevo/adjuntos", sent, content_type="multipart/form-data")
    digest = re.search(r"SHA-256 ([0-9a-f]{64})", listed)[1]
    assert "a.pdf" not in part(clerk, "/expedientes/nuevo/adjuntos/bajas", {"sha256": digest})


def test_files_sent_with_the_form_itself_are_kept_too(clerk, store):
    form = sheet(files=(io.BytesIO(PDF), "contrato.pdf"))
    answer = clerk.post("/expedientes/nuevo", form, content_type="multipart/form-data")
    assert answer.status_code == 302
    assert one(store, Documento, kind="adjunto").name == "contrato.pdf"


def test_files_have_folios_of_the_whole_and_are_annexes_of_the_cargo(clerk, store, tmp_path):
    now = now_utc()
    store.write(paper.add_printer, name="cargos", url=f"folder://{tmp_path}", principal=SYSTEM, now=now)
    store.write(paper.route_papers, purpose="cargos", sala=None, printer="cargos", principal=SYSTEM, now=now)
    for name in ("solicitud.pdf", "contrato-local.pdf"):
        sent = {"files": (io.BytesIO(PDF + name.encode()), name)}
        listed = part(clerk, "/expedientes/nuevo/adjuntos", sent, content_type="multipart/form-data")
    contract = re.search(r'name="(folios_[0-9a-f]{64})"[^>]*aria-label="Folios de contrato-local.pdf"', listed)[1]
    saved = part(clerk, "/expedientes/nuevo/ficha?partes=cuenta", sheet(**{contract: "12"}))
    assert "Borrador guardado" in saved
    assert f'name="{contract}" class="entrada num" value="12"' in text_of(clerk.get("/expedientes/nuevo"))
    too_many = clerk.post("/expedientes/nuevo", sheet(**{contract: "19"}))
    assert too_many.status_code == 422 and "suman 19 folios" in text_of(too_many)
    assert clerk.post("/expedientes/nuevo", sheet(**{contract: "doce"})).status_code == 422
    number = file_case(clerk, **{contract: "12"})
    with store.read() as session:
        documents = session.scalars(select(Documento).order_by(Documento.ordinal)).all()
        printed = decode(session.scalars(select(PrintJob)).one().data).text
    told = [(document.name, document.sheets, document.first_folio) for document in documents]
    assert told == [("Solicitud y anexos", 6, 1), ("solicitud.pdf", 0, 7), ("contrato-local.pdf", 12, 7)]
    assert one(store, Expediente, number=number).sheets == 18
    assert "Archivo solicitud.pdf" in printed and "Archivo contrato-local.pdf, 12 folios" in printed
    assert re.search(r"Folios recibidos\s+18", printed)


def test_the_cargo_is_seen_before_and_nothing_is_filed(clerk, store):
    shown = part(clerk, "/expedientes/nuevo/cargo", sheet())
    assert 'src="data:image/png;base64,' in shown
    with store.read() as session:
        assert session.scalars(select(Expediente)).all() == []
    assert "Elija el trámite" in part(clerk, "/expedientes/nuevo/cargo", {})


def test_the_paper_is_told_as_it_is(clerk, store, tmp_path):
    number = file_case(clerk)
    assert "no tiene impresora" in text_of(clerk.get(f"/expedientes/{number}/papel"))
    now = now_utc()
    store.write(paper.add_printer, name="cargos", url=f"folder://{tmp_path}", principal=SYSTEM, now=now)
    store.write(paper.route_papers, purpose="cargos", sala=None, printer="cargos", principal=SYSTEM, now=now)
    number = file_case(clerk, tramite="LF-06", requisito=["1", "2", "3"])
    waiting = text_of(clerk.get(f"/expedientes/{number}/papel"))
    assert "En cola" in waiting and 'hx-trigger="every' in waiting


def test_reading_pages_need_the_right_and_a_role_without_it_is_refused(person):
    for role in ("cajero", "tesoreria", "orientador", "auditor"):
        assert person(role).get("/expedientes/nuevo").status_code == 403
