"""`python -m bench [NAME ...] [--quick]`: measure, print the tables, write bench/out/*.json; non-zero when a target is missed."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from bench import cabina, call, estimate, full_day, issue, kill, pages, paper, reports, screens, search
from bench.disk import OUT
from core.clock import now_utc

BENCHES = {
    "cabina": cabina.run,
    "call": call.run,
    "estimate": estimate.run,
    "full_day": full_day.run,
    "issue": issue.run,
    "kill": kill.run,
    "pages": pages.run,
    "paper": paper.run,
    "postgres": issue.run_postgres,
    "reports": reports.run,
    "screens": screens.run,
    "search": search.run,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHES)))
@click.option("--quick", is_flag=True, help="Un segundo por medida: para probar el programa, no para creerle.")
def main(names: tuple[str, ...], quick: bool) -> None:
    console, met = Console(width=160), True
    for name in names or BENCHES:
        report = BENCHES[name](seconds=1.0 if quick else 5.0)
        report.show(console)
        report.keep(OUT, at=now_utc())
        met &= report.met
    sys.exit(0 if met else 1)


main()
