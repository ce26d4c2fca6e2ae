"""Files by their content: kept once, and whole only when their hash is the announced one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from storage.contents import ATTACHMENT_BYTES_MAX, NotAllowed, TooLarge, add_piece, arrived, keep, path_of

SCAN = b"%PDF-1.4 " + bytes(range(256)) * 40
NAME = hashlib.sha256(SCAN).hexdigest()


def send(folder: Path, start: int, end: int, data: bytes = SCAN) -> int:
    return add_piece(folder, NAME, data[start:end], offset=start, whole=len(SCAN))


def test_a_file_is_kept_once_under_its_hash(tmp_path: Path):
    assert keep(tmp_path, SCAN) == keep(tmp_path, SCAN)
    assert path_of(tmp_path, NAME).read_bytes() == SCAN


def test_what_is_no_pdf_nor_picture_or_is_too_large_is_not_kept(tmp_path: Path):
    with pytest.raises(NotAllowed):
        keep(tmp_path, b"MZ a program")
    with pytest.raises(TooLarge):
        keep(tmp_path, b"%PDF-" + bytes(ATTACHMENT_BYTES_MAX))
    assert not list(tmp_path.iterdir())


def test_pieces_in_order_make_the_file_whole(tmp_path: Path):
    assert send(tmp_path, 0, 4_000) == 4_000
    assert not path_of(tmp_path, NAME).exists()
    assert send(tmp_path, 4_000, len(SCAN)) == len(SCAN)
    assert path_of(tmp_path, NAME).read_bytes() == SCAN
    assert arrived(tmp_path, NAME, whole=len(SCAN)) == len(SCAN)


def test_a_piece_again_or_from_beyond_changes_nothing_and_an_overlap_goes_on(tmp_path: Path):
    send(tmp_path, 0, 4_000)
    assert send(tmp_path, 0, 4_000) == 4_000
    assert send(tmp_path, 9_000, 9_500) == 4_000
    assert send(tmp_path, 2_000, 6_000) == 6_000
    assert send(tmp_path, 6_000, len(SCAN)) == len(SCAN)
    assert send(tmp_path, 0, 4_000) == len(SCAN)
    assert path_of(tmp_path, NAME).read_bytes() == SCAN


def test_bytes_of_another_file_never_take_its_name(tmp_path: Path):
    assert send(tmp_path, 0, len(SCAN), data=bytes(len(SCAN))) == 0
    assert not path_of(tmp_path, NAME).exists()
    assert send(tmp_path, 0, len(SCAN)) == len(SCAN)


def test_more_bytes_than_announced_are_not_taken(tmp_path: Path):
    assert add_piece(tmp_path, NAME, SCAN + b"more", offset=0, whole=len(SCAN)) == 0
