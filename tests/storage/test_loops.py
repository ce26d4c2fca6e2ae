"""What a process does by itself: one process of several, again and again, whatever goes wrong once."""

from __future__ import annotations

import threading
import time

from storage.loops import Loop, Runner, Task
from tests.storage.miniature import issue, lease


def until(condition, patience_s=30.0):
    end = time.monotonic() + patience_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def test_of_two_processes_one_runs_a_loop_and_the_other_takes_over_when_it_stops(place):
    ran = []
    runners = [
        Runner(place.store, lease, [Loop("tick", 0.01, lambda session, now, who=who: ran.append(who))], holder=who)
        for who in "ab"
    ]
    for runner in runners:
        runner.start()
    assert until(lambda: len(ran) > 5)
    first = ran[0]
    assert set(ran) == {first}
    runners["ab".index(first)].stop()
    assert until(lambda: len(set(ran)) == 2)
    runners["ba".index(first)].stop()


def test_a_beat_that_fails_is_tried_again(place):
    ran = []

    def beat(session, now):
        ran.append(now)
        if len(ran) == 1:
            raise ZeroDivisionError
        return issue(session)

    runner = Runner(place.store, lease, [Loop("tick", 0.01, beat)])
    runner.start()
    assert until(lambda: place.count() >= 2)
    runner.stop()


def test_a_task_without_a_lease_runs_in_every_process(place):
    ran = set()
    both = threading.Barrier(2, timeout=30)

    def run(fence, who):
        both.wait()
        ran.add(who)

    runners = [
        Runner(place.store, lease, [Task("flush", 0.01, lambda fence, who=who: run(fence, who), leased=False)])
        for who in "ab"
    ]
    for runner in runners:
        runner.start()
    assert until(lambda: ran == {"a", "b"})
    both.abort()
    for runner in runners:
        runner.stop()
