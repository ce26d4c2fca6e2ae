"""The documentation is complete: each command, setting, endpoint and error code appears in it, and its links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import run
from cac.access.roles import MAY, ROLES
from cac.app import create_app
from cac.base import Base
from core.errors import Rejected
from storage import Store
from web.problems import SENTENCES
from web.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = [*sorted((ROOT / "docs").rglob("*.md")), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CONVERTER = re.compile(r"<(?:[^:<>]*:)?(\w+)>")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group: click.Command = run.cli, path: str = "run.py") -> Iterator[tuple[str, click.Command]]:
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, f"{path} {name}")
    else:
        yield path, group


def test_each_command_and_each_of_its_options_is_in_operations():
    operations = text("docs/operations.md")
    missing = [path for path, _ in commands() if path not in operations]
    missing += [
        f"{path} {option.opts[0]}"
        for path, command in commands()
        for option in command.params
        if isinstance(option, click.Option) and option.name != "password" and option.opts[0] not in operations
    ]
    assert not missing


def test_each_setting_is_in_operations():
    operations = text("docs/operations.md")
    assert not [name for name in Settings.model_fields if f"`CAC_{name.upper()}`" not in operations]


def test_each_make_target_is_told_by_make_and_in_operations():
    makefile = text("Makefile")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) - {"help", "lint", "types"}
    told = set(re.findall(r'echo "make (\w+)', makefile))
    assert targets == told
    assert not [target for target in told if f"`make {target}`" not in text("docs/operations.md")]


@pytest.fixture(scope="module")
def app(databases, tmp_path_factory):
    store = Store(databases.fresh("sqlite", Base.metadata))
    settings = Settings(data_dir=tmp_path_factory.mktemp("docs"), secret_key="only for tests")
    app = create_app(store, settings)
    for extend in run.EXTENSIONS:
        extend(app, store, settings)
    yield app
    store.close()


def test_each_endpoint_is_in_the_api_page(app):
    page = text("docs/api.md")
    missing = set()
    for rule in app.url_map.iter_rules():
        address = CONVERTER.sub(r"{\1}", rule.rule)
        methods = rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint == "static" or rule.endpoint.endswith(".static"):
            continue
        if address.startswith("/api/"):
            missing |= {f"{method} {address}" for method in methods if f"`{method} {address}" not in page}
        elif f"`{address}`" not in page:
            missing.add(address)
    assert not sorted(missing)


def test_the_table_of_roles_says_what_the_program_does():
    rows = re.findall(r"^\| (`[a-z.]+`(?:, `[a-z.]+`)*) \| [^|]+ \| ([a-z, ]+) \|$", text("docs/api.md"), re.MULTILINE)
    told = {
        (name, role) for names, roles in rows for name in names.strip("`").split("`, `") for role in roles.split(", ")
    }
    assert told == {(name, role) for name in {name for name, _ in told} for role in MAY[name]}
    assert {role for _, role in told} == set(ROLES)


def test_each_error_code_is_in_the_api_page():
    codes = {kind.code: kind for kind in kinds(Rejected)}
    page = text("docs/api.md")
    missing = [
        f"| `{code}` | {kind.status} | {kind.detail} |"
        for code, kind in sorted(codes.items())
        if f"`{code}`" not in page
    ]
    missing += [f"| `{code}` | {status} |" for status, (code, _) in SENTENCES.items() if f"`{code}`" not in page]
    assert not missing, "\n" + "\n".join(missing)


def kinds(root: type[Rejected]) -> Iterator[type[Rejected]]:
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page: Path):
    targets = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert not [link for link in targets if not (page.parent / link).exists()]


def test_decisions_are_numbered_without_gaps():
    numbers = [int(page.name[:4]) for page in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
