"""The wait told at issue against the true waits of simulated days; `python -m bench estimate` measures more of them."""

from bench.day import KINDS
from bench.estimate import LEAST, MIN_GAIN, MOST, day, line

SEED, EVERY = 13, 15  # of a day with waits of a quarter of an hour


def test_the_range_holds_the_true_wait_about_eight_times_in_ten_and_its_middle_beats_the_simple_count():
    told = [one for kind in KINDS for one in day(kind, SEED, every=EVERY)]
    found = line("todos", told)
    assert len(told) > 150
    assert LEAST <= found.ratios["dentro_del_rango"] <= MOST
    assert found.ratios["más_cerca"] >= MIN_GAIN
