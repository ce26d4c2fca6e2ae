"""A version out of a repository, by the hash that was told and by nothing else. The repository is a folder of this PC; what would
install packages is a Makefile of two lines."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from cabinas.install.fetching import approved, fetch, forget_others
from core.wire import Release
from web.server import Refused

MAKEFILE = ".venv/.cabina: needs\n\tmkdir -p .venv\n\techo $(PYTHON) > $@\n"
AUTHOR = ("-c", "user.name=CAC", "-c", "user.email=cac@example.pe")


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True).stdout.strip()


@dataclass
class Origin:
    """The repository that cabins are installed from, somebody's work tree of it, and a cabin's clone."""

    bare: Path
    work: Path
    clone: Path

    def publish(self, tag: str, **files: str) -> str:
        """The hash of a new version."""
        for name, text in files.items():
            (self.work / name).write_text(text)
        git(self.work, "add", "--all")
        git(self.work, *AUTHOR, "commit", "--quiet", "--allow-empty", "--message", tag)
        git(self.work, "tag", "--force", tag)
        git(self.work, "push", "--quiet", "--force", "origin", "HEAD:main", f"refs/tags/{tag}")
        return git(self.work, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    origin = Origin(tmp_path / "mesa.git", tmp_path / "work", tmp_path / "mesa-cac")
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(origin.bare))
    git(tmp_path, "clone", "--quiet", str(origin.bare), str(origin.work))
    origin.publish("v1.0", Makefile=MAKEFILE, needs="", **{".gitignore": ".venv/\n", "run.py": "1.0"})
    git(tmp_path, "clone", "--quiet", str(origin.bare), str(origin.clone))
    return origin


def test_an_approved_version_is_fetched_beside_the_one_that_works(origin: Origin):
    commit = origin.publish("v1.1", **{"run.py": "1.1"})
    folder = fetch(origin.clone, commit)
    assert folder == origin.clone.parent / f"mesa-cac-{commit[:10]}"
    assert (folder / "run.py").read_text() == "1.1" and (folder / ".venv/.cabina").exists()
    assert (folder / ".venv/.cabina").read_text().strip() == sys._base_executable, "not the administrator's own Python"
    assert (origin.clone / "run.py").read_text() == "1.0"
    assert fetch(origin.clone, commit) == folder, "a second time it is there already"


def test_a_tag_that_somebody_moved_brings_what_was_approved(origin: Origin):
    commit = origin.publish("v1.1", **{"run.py": "1.1"})
    origin.publish("v1.1", **{"run.py": "evil"})
    assert (fetch(origin.clone, commit) / "run.py").read_text() == "1.1"


def test_a_version_that_is_not_there_or_not_told_is_refused_in_words(origin: Origin):
    release = Release(name="v1.1", commit="a" * 40)
    assert approved(None, release) == approved("v1.1", release) == "a" * 40
    assert approved("B" * 40, release) == "b" * 40, "a person may be told a hash by telephone"
    for told, of, said in (
        (None, None, "La Municipalidad aún no dijo"),
        ("main", release, "La aprobada es v1.1"),
        ("v1.2", release, "no es una huella"),
        ("abc1234", None, "Escriba la huella entera"),
    ):
        with pytest.raises(Refused, match=said):
            approved(told, of)
    with pytest.raises(Refused, match="no está la versión de huella aaaaaaaaaaaa"):
        fetch(origin.clone, "a" * 40)
    with pytest.raises(Refused, match="ya es esa versión"):
        fetch(origin.clone, git(origin.clone, "rev-parse", "HEAD"))


@pytest.mark.parametrize("name", ["run.py", "another.py"], ids=["changed", "added"])
def test_a_folder_that_somebody_changed_is_not_installed(origin: Origin, name: str):
    commit = origin.publish("v1.1", **{"run.py": "1.1"})
    (fetch(origin.clone, commit) / name).write_text("print('mine')")
    with pytest.raises(Refused, match="alguien la cambió"):
        fetch(origin.clone, commit)
    shutil.rmtree(origin.clone.parent / f"mesa-cac-{commit[:10]}")
    assert (fetch(origin.clone, commit) / "run.py").read_text() == "1.1"


def test_without_a_link_the_till_stays_and_what_was_fetched_before_is_still_to_be_had(origin: Origin):
    first, second = origin.publish("v1.1"), origin.publish("v1.2")
    fetch(origin.clone, first)
    later = origin.bare.rename(origin.bare.with_name("no-link"))
    assert fetch(origin.clone, second).exists(), "it came with the first"
    with pytest.raises(Refused, match="no hay internet o el repositorio no responde") as refused:
        fetch(origin.clone, "a" * 40)
    assert "La caja sigue con su versión" in refused.value.message
    later.rename(origin.bare)


def test_packages_that_do_not_come_leave_the_version_to_be_finished_later(origin: Origin):
    commit = origin.publish("v1.1")
    (folder := origin.clone.parent / f"mesa-cac-{commit[:10]}")
    bad = origin.publish("v1.2", Makefile=".venv/.cabina:\n\t@echo 'No se pudieron traer los paquetes' >&2; exit 1\n")
    with pytest.raises(Refused, match="no se pudo preparar.*Repita cuando haya internet"):
        fetch(origin.clone, bad)
    assert fetch(origin.clone, commit) == folder


def test_a_program_that_was_not_cloned_says_how_it_is_updated(tmp_path: Path):
    with pytest.raises(Refused, match="cabina update --from"):
        fetch(tmp_path, "a" * 40)


def test_only_the_version_in_use_and_the_one_before_stay_on_the_disk(origin: Origin):
    folders = [fetch(origin.clone, origin.publish(tag)) for tag in ("v1.1", "v1.2", "v1.3")]
    forget_others(folders[2], keep=folders[1])
    assert [folder.exists() for folder in folders] == [False, True, True] and origin.clone.exists()
