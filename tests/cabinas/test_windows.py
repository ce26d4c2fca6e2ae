"""What can be known of Windows without one: that nothing of a cabin needs what only POSIX has in order to load, and the task."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

from tests.servers import ROOT

# what others wrote is loaded first, as it is here; then only our own modules see a PC with Windows
LOADS = """
import importlib, os, pkgutil, sys, types
OURS = ("core", "storage", "intake", "printing", "web", "cabinas")
POSIX_ONLY = ("fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog")
POSIX_NAMES = ("geteuid", "getuid", "getegid", "setegid", "seteuid", "getgrouplist", "fork", "statvfs", "pread", "pwrite",
               "chown", "killpg", "O_DIRECTORY", "O_NONBLOCK", "O_CLOEXEC")

def names():
    for package in OURS:
        yield package
        for found in pkgutil.walk_packages([package], package + "."):
            if ".migrations" not in found.name:
                yield found.name

every = list(names())
for name in every:
    importlib.import_module(name)
for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
    del sys.modules[name]
for name in POSIX_ONLY:
    sys.modules[name] = None
for name in POSIX_NAMES:
    delattr(os, name)
for name in ("msvcrt", "winreg"):
    sys.modules[name] = types.ModuleType(name)
sys.platform = "win32"
for name in every:
    importlib.import_module(name)
print(len(every))
"""


def test_each_module_of_a_cabin_loads_without_what_only_posix_has():
    done = subprocess.run([sys.executable, "-c", LOADS], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 150


def test_the_task_starts_with_the_pc_for_ever_and_on_batteries():
    task = ElementTree.parse(ROOT / "docs" / "cabina-windows.xml").getroot()

    def said(path: str) -> str:
        steps = "/".join(f"{{http://schemas.microsoft.com/windows/2004/02/mit/task}}{step}" for step in path.split("/"))
        return str(task.findtext(steps))

    assert said("Triggers/BootTrigger/Enabled") == "true"
    assert said("Principals/Principal/UserId") == "S-1-5-18", "SYSTEM: nobody has to sign in"
    assert said("Settings/ExecutionTimeLimit") == "PT0S", "a task is else stopped after three days"
    assert said("Settings/DisallowStartIfOnBatteries") == said("Settings/StopIfGoingOnBatteries") == "false"
    assert (
        said("Settings/RunOnlyIfNetworkAvailable") == "false" and said("Settings/RestartOnFailure/Interval") == "PT1M"
    )
    guide = (ROOT / "docs" / "cabina.md").read_text(encoding="utf-8")
    assert said("Actions/Exec/WorkingDirectory") in guide and "--dir C:\\cabina" in said("Actions/Exec/Arguments")
