"""What was measured, as a table for people and JSON for comparing: the ratio to the floor first."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    ratios: dict[str, float]
    values: dict[str, float]
    tags: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    name: str
    title: str
    floors: dict[str, dict[str, float]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    judgements: dict[str, bool] = field(default_factory=dict)

    def floor(self, what: str, **values: float) -> None:
        self.floors[what] = values

    def add(self, line: Line) -> None:
        self.lines.append(line)

    def judge(self, sentence: str, met: bool) -> None:
        self.judgements[sentence] = met

    @property
    def met(self) -> bool:
        return all(self.judgements.values())

    def show(self, console: Console) -> None:
        ratios = list(dict.fromkeys(name for line in self.lines for name in line.ratios))
        values = list(dict.fromkeys(name for line in self.lines for name in line.values))
        table = Table(title=self.title, title_justify="left")
        table.add_column("")
        for name in (*ratios, *values):
            table.add_column(name.replace("_", " "), justify="right")
        for line in self.lines:
            shown = [f"{line.ratios[name]:.2f}" if name in line.ratios else "" for name in ratios]
            shown += [f"{line.values[name]:,.2f}" if name in line.values else "" for name in values]
            table.add_row(line.what, *shown)
        console.print(table)
        for what, floor in self.floors.items():
            console.print(f"piso: {what}: " + ", ".join(f"{name} {value:,.2f}" for name, value in floor.items()))
        for sentence, met in self.judgements.items():
            console.print(f"{'cumple' if met else 'NO CUMPLE'}: {sentence}")

    def keep(self, folder: Path, *, at: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        machine = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.release()}
        content = {"at": at.isoformat(), "on": machine, "met": self.met, **asdict(self)}
        (folder / f"{self.name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
