"""The running till: what routes ask of the process around them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from cabinas.attachments.loop import AttachmentLoop
from cabinas.device import Device
from cabinas.filing.rules import NoSpace
from cabinas.paper.worker import Spooler
from cabinas.sync.loop import SyncLoop
from printing import Profile
from storage import Store

FREE_BYTES_MIN = 16 * 1024 * 1024  # below it no money is taken
FREE_BYTES_WARNED = 256 * 1024 * 1024  # below it the till says so, while there is time


@dataclass(slots=True)
class Till:
    """`sync` and `spooler` are None where nothing runs beside the pages (a test)."""

    store: Store
    device: Device
    folder: Path
    sync: SyncLoop | None = None
    spooler: Spooler | None = None
    attachments: AttachmentLoop | None = None
    verify: str | bool = True  # by whose authority the centre's certificate is believed

    @property
    def files_dir(self) -> Path:
        return self.folder / "adjuntos"

    def use_printer(self, url: str) -> None:
        """Papers are built and sent from now on as this address says."""
        self.device.profile = Profile.from_url(url)
        if self.spooler is not None:
            self.spooler.use(url)

    @property
    def space_words(self) -> str:
        """Of a disk that fills up, for the till's pages; "" while there is room."""
        free = shutil.disk_usage(self.folder).free
        if free < FREE_BYTES_MIN:
            return "No queda espacio en el disco de esta PC y no se puede registrar. Libere espacio o llame a soporte."
        if free < FREE_BYTES_WARNED:
            return f"En el disco de esta PC quedan {free // 2**20} MB. Libere espacio o avise a soporte: sin espacio no se cobra."
        return ""

    def refuse_without_space(self) -> None:
        """Before money is taken. Raises NoSpace."""
        if shutil.disk_usage(self.folder).free < FREE_BYTES_MIN:
            raise NoSpace()


def till() -> Till:
    found: Till = current_app.extensions["till"]
    return found
