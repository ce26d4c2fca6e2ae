from __future__ import annotations

import pytest

from cac.audit.words import action_words, subject_words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ticket.derivacion", "Turno: derivación"),
        ("expediente.ingreso", "Expediente: ingreso"),
        ("cabina.equipo_revocado", "Cabina: equipo revocado"),
        ("tesoreria.remesa_confirmada", "Tesorería: remesa confirmada"),
        ("algo.que_vendra_luego", "Algo: que vendra luego"),
    ],
)
def test_an_action_is_told_in_words(code, words):
    assert action_words(code) == words


def test_a_subject_is_told_in_words():
    assert (subject_words("cabina:C01"), subject_words("site:1"), subject_words("tupa")) == (
        "Cabina C01",
        "Sede 1",
        "TUPA",
    )
