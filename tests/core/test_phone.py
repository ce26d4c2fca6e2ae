from __future__ import annotations

import pytest

from core import phone

SEED = phone.seed_of(b"k" * 32)
PLACE = {"cabina": "C01", "epoch": 1, "slot": 3, "centimos": 15_000}


@pytest.fixture(scope="module")
def hashed() -> str:
    return phone.hash_of(SEED, "C01", 1, 3)


@pytest.fixture(scope="module")
def code() -> str:
    return phone.spoken(phone.secret_of(SEED, "C01", 1, 3), **PLACE)


def test_the_code_read_aloud_is_right_for_its_cabin_slot_and_amount(hashed: str, code: str):
    assert len(code) == 9 and code[4] == "-"
    assert phone.is_right(code, hashed, **PLACE)
    assert phone.is_right(code.lower().replace("-", " ").replace("0", "o").replace("1", "l"), hashed, **PLACE)


@pytest.mark.parametrize("other", [{"centimos": 15_001}, {"slot": 4}, {"cabina": "C02"}, {"epoch": 2}])
def test_it_is_wrong_for_anything_else(hashed: str, code: str, other: dict):
    assert not phone.is_right(code, hashed, **PLACE | other)


@pytest.mark.parametrize("typed", ["", "K7Q4", "K7Q4-M2XD-9", "ÑÑÑÑ-ÑÑÑÑ", "----", "UUUU-UUUU"])
def test_what_is_no_code_is_wrong_and_breaks_nothing(hashed: str, typed: str):
    assert not phone.is_right(typed, hashed, **PLACE)


def test_each_slot_has_a_code_of_its_own():
    secrets = {phone.secret_of(SEED, "C01", epoch, slot) for epoch in (1, 2) for slot in range(1, 50)}
    assert len(secrets) == 98


def test_the_hash_is_the_same_each_time_it_is_made(hashed: str):
    assert phone.hash_of(SEED, "C01", 1, 3) == hashed and hashed.startswith("$argon2id$")
