"""Commands never wait for the broker, and the board is up to date again soon after it returns."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

from claims import Finding, Sizes
from contested_hall import ContestedHall, call_next, issue
from percentiles import percentile
from real_hall import Subscriber, until
from retrying_client import RetryingClient
from thread_group import ThreadGroup

from protocol import topics
from protocol.retained_messages import Board

RIGHT_WITHIN_S = 3.0
SLOWER_AT_MOST = 3.0
"""Largest ratio of the median command with the broker away to that with the broker up, before and after. A command
that waited for the broker would take seconds; the margin is for what else the machine does meanwhile."""
PACE_S = 0.02
ENOUGH = 20
"""Fewest commands of which a median is taken."""


def broker(folder: Path, sizes: Sizes) -> Finding:
    """Kill, start and freeze the broker under load."""
    finding = Finding(claim=f"broker killed, started and frozen for {sizes.broker_phase_s:g} s each, under load")
    with ContestedHall.open(folder) as work:
        subscriber = work.hall.subscribe(topics.board(work.hall.site))
        threads = ThreadGroup()
        for _ in range(2):
            threads.add(_keep_issuing, work.kiosk(), work.services, threads)
            threads.add(_keep_calling, work.window(), threads)
        phase = lambda: _phase(work, sizes.broker_phase_s)
        calm = phase()
        work.hall.broker.kill()
        dead = phase()
        work.hall.broker.start()
        after_death = _recovery_s(work, subscriber)
        calm += phase()
        work.hall.broker.freeze()
        frozen = phase()
        work.hall.broker.resume()
        after_frost = _recovery_s(work, subscriber)
        calm += phase()
        threads.stop()
    _compare(finding, calm, dead, "killed", at_most=SLOWER_AT_MOST * sizes.patience)
    _compare(finding, calm, frozen, "frozen", at_most=SLOWER_AT_MOST * sizes.patience)
    finding.at_most(after_death, RIGHT_WITHIN_S * sizes.patience, "board up to date after the start in")
    finding.at_most(after_frost, RIGHT_WITHIN_S * sizes.patience, "after the thaw in")
    return finding


def _compare(finding: Finding, calm: list[float], hurt: list[float], what: str, *, at_most: float) -> None:
    ratio = percentile(hurt, 0.5) / percentile(calm, 0.5)
    finding.at_most(ratio, at_most, f"{what}: median command {percentile(hurt, 0.5) * 1000:.1f} ms,", unit="×")
    finding.report(f"slowest {max(hurt) * 1000:.0f} ms (calm {max(calm) * 1000:.0f} ms)")


def _phase(work: ContestedHall, seconds: float) -> list[float]:
    """Return the duration of each command that was answered within the next seconds, and until there are enough."""
    devices = [*work.kiosks, *work.windows]
    before = [len(d.answered) for d in devices]
    time.sleep(seconds)
    answered = lambda: [a.seconds for d, n in zip(devices, before, strict=True) for a in d.answered[n:]]
    until(lambda: len(answered()) >= ENOUGH, what="commands are answered")
    return answered()


def _recovery_s(work: ContestedHall, subscriber: Subscriber) -> float:
    """Return the time until the subscriber has a board as new as the hub was when the broker came back."""
    topic = topics.board(work.hall.site)
    target = work.hall.health().seq
    began = time.monotonic()
    until(
        lambda: topic in subscriber.newest and Board.model_validate_json(subscriber.newest[topic]).seq >= target,
        within_s=30,
        what="the board is up to date",
    )
    return time.monotonic() - began


def _keep_issuing(kiosk: RetryingClient, services: list[str], threads: ThreadGroup) -> None:
    _keep(threads, map(lambda service: lambda: issue(kiosk, service), itertools.cycle(services)))


def _keep_calling(window: RetryingClient, threads: ThreadGroup) -> None:
    _keep(threads, itertools.repeat(lambda: call_next(window)))


def _keep(threads: ThreadGroup, works: itertools.repeat[Callable[[], object]] | map[Callable[[], object]]) -> None:
    for work in works:
        if threads.stopping.is_set():
            return
        work()
        time.sleep(PACE_S)
