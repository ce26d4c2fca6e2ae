"""The texts that make the till start with the PC: a systemd unit, and the entry that opens its page on the desktop."""

from __future__ import annotations

from collections.abc import Sequence

from cabinas.install.place import Place

# The till waits for no network: it takes money without one. It is started again for ever: nobody there knows how.
UNIT = """\
# Made by `make cabina`, which writes it again: change it with `systemctl {scope}edit cabina`.
[Unit]
Description=Caja de la cabina
After=local-fs.target time-sync.target
StartLimitIntervalSec=0

[Service]
Type=exec
{who}WorkingDirectory={program}
Environment=PYTHONUNBUFFERED=1
ExecStart={program}/.venv/bin/python run.py cabina --dir {data} --port {port}
Restart=always
RestartSec=3
TimeoutStopSec=30
UMask=0077
{guards}
[Install]
WantedBy={target}
"""

GUARDS = """\
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""

# Of a system's unit only. No PrivateDevices nor ProtectClock: they would hide the USB printer.
SYSTEM_GUARDS = """\
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectHostname=yes
PrivateTmp=yes
RemoveIPC=yes
ReadWritePaths={data} {marker} -{copies}
"""

DESKTOP = """\
[Desktop Entry]
Type=Application
Name=Caja de la cabina
Comment=Abre la caja cuando está lista
Exec={program}/.venv/bin/python {program}/run.py cabina browser --port {port}
Icon=accessories-calculator
Terminal=false
X-GNOME-Autostart-enabled=true
"""


def service_unit(place: Place, groups: Sequence[str] = ()) -> str:
    """`groups` are those of this PC that may use its printers: naming one that is not there would keep the till from starting."""
    who, guards = "", GUARDS
    if place.user:
        who = f"User={place.user}\n" + (f"SupplementaryGroups={' '.join(groups)}\n" if groups else "")
        guards += SYSTEM_GUARDS.format(data=place.data, marker=place.marker, copies=place.copies)
    target = "multi-user.target" if place.user else "default.target"
    return UNIT.format(
        scope="" if place.user else "--user ",
        who=who,
        program=place.program,
        data=place.data,
        port=place.port,
        guards=guards,
        target=target,
    )


def desktop_entry(place: Place) -> str:
    return DESKTOP.format(program=place.program, port=place.port)
