"""Properties of the code itself: directions between packages, one commit site, one clock, access on each route."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("core", "intake", "storage", "ticketing", "printing", "web", "cac", "kiosks", "cabinas")

MAY_IMPORT = {
    "core": set(),
    "intake": {"core"},
    "storage": {"core"},
    "ticketing": {"core"},
    "printing": {"core"},
    "web": {"core", "storage"},
    "cac": {"core", "storage", "intake", "ticketing", "printing", "web"},
    "cabinas": {"core", "storage", "intake", "printing", "web"},
    "kiosks": {"core", "storage", "ticketing", "web", "cac"},
}
AGENT_MAY_IMPORT = {"core", "printing"}  # it runs on another PC, with no database

# the clock is read by routes, the command line, loops and the pages' shared values; nowhere else
READS_CLOCK = re.compile(
    r"(routes|cli|loops?|live|filters|worker|agent|api|server)\w*\.py$|run\.py$|/agent/|/routes/|/spool\.py$"
)


def modules(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), parsed(path)


@cache
def parsed(path: Path) -> ast.Module:
    """Each file once, whoever asks."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(tree: ast.Module) -> set[str]:
    """First-party modules that `tree` imports, dotted."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in names if name.split(".")[0] in PACKAGES}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_lies_below_it(package: str):
    wrong = []
    for path, tree in modules(package):
        allowed = AGENT_MAY_IMPORT if path.match("kiosks/agent/*") else MAY_IMPORT[package]
        below = {name.split(".")[0] for name in imported(tree)} - {package}
        wrong += [f"{path} imports {name}" for name in sorted(below - allowed)]
    assert not wrong


def test_no_import_goes_in_a_circle():
    files = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): tree for path, tree in modules(*PACKAGES)}
    graph = {name: {other for other in imported(tree) if other in files} - {name} for name, tree in files.items()}
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for other in sorted(graph[name]):
                walk(other, (*path, name))
            done.add(name)

    for name in files:
        walk(name, ())


def test_no_import_hides_inside_a_function():
    hidden = [
        f"{path}:{inner.lineno}"
        for path, tree in modules(*PACKAGES)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(function)
        if isinstance(inner, ast.ImportFrom) and (inner.module or "").split(".")[0] in PACKAGES
    ]
    assert not hidden


def test_only_the_writer_commits():
    commits = [
        f"{path}:{call.lineno}"
        for path, tree in modules(*PACKAGES)
        if path.parts[0] != "storage"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "begin")
    ]
    assert not commits


def test_only_routes_loops_and_the_command_line_read_the_clock():
    readers = []
    for path, tree in modules(*PACKAGES):
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            ours = name == "now_utc" and not READS_CLOCK.search(path.as_posix())
            bare = name in ("now", "utcnow", "today") and path.as_posix() != "core/clock.py"
            if ours or (
                bare and isinstance(called, ast.Attribute) and ast.unparse(called.value) in ("datetime", "date")
            ):
                readers.append(f"{path}:{node.lineno}")
    assert not readers


def test_verbs_take_the_session_first():
    wrong = [
        f"{path}:{function.lineno} {function.name}"
        for path, tree in modules("cac", "cabinas")
        if path.name == "actions.py"
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        and any(argument.arg == "session" for argument in function.args.args + function.args.kwonlyargs)
        and function.args.args[0].arg != "session"
    ]
    assert not wrong


def test_rules_are_pure():
    impure = [
        f"{path} imports {name}"
        for path, tree in modules("cac", "cabinas")
        if path.name == "rules.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name.split(".")[0] in ("sqlalchemy", "flask", "storage", "web")
    ]
    assert not impure


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later(word: str):
    left = [
        str(path.relative_to(ROOT))
        for package in (*PACKAGES, "templates", "static/js", "static/css")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".html", ".js", ".css")
        and re.search(rf"\b{word}\b", path.read_text(encoding="utf-8"))
    ]
    assert not left
