"""Threads that do the slow work of a program."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

import pytest

from runtime.backoff import Backoff
from runtime.worker import Poller, Worker

PATIENCE_S = 30.0


def stopped(worker: Worker[int]) -> None:
    worker.stop(within_s=PATIENCE_S)


def test_items_are_worked_on_in_order_and_before_the_end() -> None:
    done: list[int] = []
    worker = Worker("test", done.append)
    for number in range(5):
        worker.put(number)
    worker.start()
    stopped(worker)

    assert done == [0, 1, 2, 3, 4]


def test_items_that_were_discarded_are_not_worked_on() -> None:
    done: list[int] = []
    started, go_on = threading.Event(), threading.Event()

    def work(number: int) -> None:
        started.set()
        go_on.wait(PATIENCE_S)
        done.append(number)

    worker = Worker("test", work)
    worker.start()
    worker.put(1)
    assert started.wait(PATIENCE_S)
    worker.put(2)
    assert worker.has_waiting
    worker.stop(within_s=0.0, discard=True)
    assert not worker.has_waiting
    go_on.set()
    stopped(worker)

    assert done == [1]


def test_an_item_that_fails_is_logged_and_the_next_one_follows(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def work(number: int) -> None:
        done.append(10 // number)

    worker = Worker("divisions", work)
    with caplog.at_level(logging.ERROR):
        worker.start()
        worker.put(0)
        worker.put(5)
        stopped(worker)

    assert done == [2]
    assert [record.getMessage() for record in caplog.records] == ["divisions failed at 0"]


def test_a_stop_ends_the_pause_between_attempts() -> None:
    attempts: SimpleQueue[int] = SimpleQueue()

    def work(number: int) -> None:
        attempts.put(number)
        while not worker.pause(10 * PATIENCE_S):
            attempts.put(number)

    worker = Worker("test", work)
    worker.start()
    worker.put(1)
    attempts.get(timeout=PATIENCE_S)
    before = time.monotonic()
    stopped(worker)

    assert time.monotonic() - before < PATIENCE_S
    assert worker.stopping
    assert attempts.empty()


def test_an_attempt_is_repeated_until_it_succeeds() -> None:
    attempts: SimpleQueue[int] = SimpleQueue()
    ended: SimpleQueue[bool] = SimpleQueue()

    def attempt() -> bool:
        attempts.put(attempts.qsize())
        return attempts.qsize() == 3

    backoff = Backoff(first_s=0.01, longest_s=0.01)
    worker: Worker[int] = Worker("test", lambda _: ended.put(worker.repeat(attempt, backoff=backoff)))
    worker.start()
    worker.put(1)
    assert ended.get(timeout=PATIENCE_S)
    stopped(worker)

    assert attempts.qsize() == 3


def test_a_stop_ends_the_repeats_of_an_attempt() -> None:
    attempts: SimpleQueue[int] = SimpleQueue()
    ended: SimpleQueue[bool] = SimpleQueue()

    def attempt() -> bool:
        attempts.put(1)
        return False

    backoff = Backoff(first_s=10 * PATIENCE_S, longest_s=10 * PATIENCE_S)
    worker: Worker[int] = Worker("test", lambda _: ended.put(worker.repeat(attempt, backoff=backoff)))
    worker.start()
    worker.put(1)
    attempts.get(timeout=PATIENCE_S)
    stopped(worker)

    assert not ended.get(timeout=PATIENCE_S)
    assert attempts.empty()


def test_of_too_many_waiting_items_the_oldest_are_dropped() -> None:
    done: list[int] = []
    worker = Worker("test", done.append, at_most=3)
    for number in range(5):
        worker.put(number)
    worker.start()
    stopped(worker)

    assert done == [2, 3, 4]


def test_a_worker_that_never_started_can_be_stopped() -> None:
    Worker("test", print).stop(within_s=0.0)
    Poller("test", lambda: 1.0).stop(within_s=0.0)


class Polls:
    """Counts calls; each call is announced."""

    def __init__(self, pause: Callable[[int], float]) -> None:
        self._pause = pause
        self._count = 0
        self.made: SimpleQueue[float] = SimpleQueue()

    def poll(self) -> float:
        self._count += 1
        self.made.put(time.monotonic())
        return self._pause(self._count)


def test_a_poller_polls_at_once_and_again_when_due() -> None:
    polls = Polls(lambda count: 0.01 if count < 3 else 10 * PATIENCE_S)
    poller = Poller("test", polls.poll)
    poller.start()
    for _ in range(3):
        polls.made.get(timeout=PATIENCE_S)
    poller.stop(within_s=PATIENCE_S)

    assert polls.made.empty()


def test_a_poller_is_woken_but_not_sooner_than_its_least_pause() -> None:
    polls = Polls(lambda _: 10 * PATIENCE_S)
    poller = Poller("test", polls.poll, at_least_s=0.2)
    poller.start()
    first = polls.made.get(timeout=PATIENCE_S)
    poller.wake()
    second = polls.made.get(timeout=PATIENCE_S)
    poller.stop(within_s=PATIENCE_S)

    assert second - first >= 0.2


def test_a_poll_that_fails_is_logged_and_repeated(caplog: pytest.LogCaptureFixture) -> None:
    polls = Polls(lambda count: 1.0 / (count - 1) if count < 3 else 10 * PATIENCE_S)
    poller = Poller("polls", polls.poll, after_error_s=0.01)
    with caplog.at_level(logging.ERROR):
        poller.start()
        for _ in range(3):
            polls.made.get(timeout=PATIENCE_S)
        poller.stop(within_s=PATIENCE_S)

    failed = "polls 出错 / polls failed: ZeroDivisionError('float division by zero')"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [failed]
