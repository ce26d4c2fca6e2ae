"""Where people's data is kept."""

from __future__ import annotations

from pathlib import Path
from stat import S_IMODE

from cac.serve import centre_store
from web.settings import Settings


def test_a_new_data_dir_is_its_owners_alone(tmp_path: Path):
    with centre_store(Settings(data_dir=tmp_path / "datos")):
        assert S_IMODE((tmp_path / "datos").stat().st_mode) == 0o700
