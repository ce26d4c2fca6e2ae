"""Layouts and macros, rendered by a bare Flask over the real templates."""

import re
from pathlib import Path

import pytest
from flask import Flask, render_template, render_template_string

from web.filters import register_filters

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"


@pytest.fixture
def render():
    app = Flask("pages", template_folder=str(TEMPLATES), static_folder=str(ROOT / "static"))
    app.secret_key = "x"
    register_filters(app, demo=False)

    def render(source: str, **context) -> str:
        with app.test_request_context("/"):
            if source.endswith(".html"):
                return render_template(source, **context)
            return render_template_string(source, **context)

    return render


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_template_carries_inline_script_or_style(template):
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "scripts live in static/js"
    assert not re.search(r"""\sstyle\s*=\s*["']""", text), "the CSP forbids inline style"
    assert not re.search(r"<style", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "behaviours attach by data-behaviour"


@pytest.mark.parametrize("layout", ["base", "staff", "citizen", "kiosk", "tv"])
def test_every_layout_says_demostracion_only_in_the_demo(render, layout):
    page = "{% extends 'layouts/" + layout + ".html' %}"
    assert "DEMOSTRACIÓN" in render(page, demo=True)
    assert "DEMOSTRACIÓN" not in render(page, demo=False)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503, 507, 418, 502])
def test_an_error_page_says_what_to_do(render, status):
    page = render("error.html", status=status)
    assert f"Código {status}" in page
    assert len(re.search(r"<h1>[^<]*</h1>\s*<p>([^<]*)</p>", page)[1]) > 20


def test_an_error_page_prefers_the_words_of_the_refusal(render):
    assert "La ventanilla está cerrada." in render("error.html", status=409, detail="La ventanilla está cerrada.")


def test_a_field_is_tied_to_its_error_and_hint(render):
    html = render(
        "{% from 'macros/form.html' import field %}{{ field('dni', 'DNI', value='1', error='Son 8 cifras.', hint='Sin guion') }}"
    )
    assert 'aria-describedby="dni-pista dni-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="dni-error"' in html and "Son 8 cifras." in html


def test_what_a_person_typed_is_escaped(render):
    html = render(
        "{% from 'macros/form.html' import field %}{{ field('n', 'Nombre', value=typed) }}", typed='"><script>'
    )
    assert "<script>" not in html


def test_the_staff_bar_shows_only_what_the_role_may_open(render):
    class Principal:
        name, role = "Luz T.", "ventanilla"

    page = render("{% extends 'layouts/staff.html' %}", principal=Principal)
    assert 'href="/ventanilla"' in page and 'href="/expedientes"' in page
    assert 'href="/admin"' not in page and 'href="/tesoreria"' not in page
