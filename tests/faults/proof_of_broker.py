"""Commands never wait for the broker, and the board is right again soon after it returns."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

from asking_again import Asker, Crowd
from claims import Finding, Sizes, percentile
from contested_hall import ContestedHall, call_next, issue
from real_hall import Ear, until

from protocol import topics
from protocol.retained_messages import Board

RIGHT_WITHIN_S = 3.0
SLOWER_AT_MOST = 3.0
"""Ratio of the median command with the broker away to that with the broker well, before and after. A command that
waited for the broker would take seconds; the room is for whatever else a machine does meanwhile."""
PACE_S = 0.02
ENOUGH = 20
"""Of fewer commands no median is taken."""


def broker(folder: Path, sizes: Sizes) -> Finding:
    """Kill, start and freeze the broker under load."""
    finding = Finding(claim=f"broker killed, started and frozen for {sizes.broker_phase_s:g} s each, under load")
    with ContestedHall.open(folder) as work:
        ear = work.hall.listen(topics.board(work.hall.site))
        crowd = Crowd()
        for _ in range(2):
            crowd.add(_keep_issuing, work.kiosk(), work.services, crowd)
            crowd.add(_keep_calling, work.window(), crowd)
        phase = lambda: _phase(work, sizes.broker_phase_s)
        calm = phase()
        work.hall.broker.kill()
        dead = phase()
        work.hall.broker.start()
        after_death = _right_again(work, ear)
        calm += phase()
        work.hall.broker.freeze()
        frozen = phase()
        work.hall.broker.thaw()
        after_frost = _right_again(work, ear)
        calm += phase()
        crowd.stop()
    _compare(finding, calm, dead, "killed", at_most=SLOWER_AT_MOST * sizes.patience)
    _compare(finding, calm, frozen, "frozen", at_most=SLOWER_AT_MOST * sizes.patience)
    finding.at_most(after_death, RIGHT_WITHIN_S * sizes.patience, "board right again after the start in")
    finding.at_most(after_frost, RIGHT_WITHIN_S * sizes.patience, "after the thaw in")
    return finding


def _compare(finding: Finding, calm: list[float], hurt: list[float], what: str, *, at_most: float) -> None:
    ratio = percentile(hurt, 0.5) / percentile(calm, 0.5)
    finding.at_most(ratio, at_most, f"{what}: median command {percentile(hurt, 0.5) * 1000:.1f} ms,", unit="×")
    finding.report(f"slowest {max(hurt) * 1000:.0f} ms (calm {max(calm) * 1000:.0f} ms)")


def _phase(work: ContestedHall, seconds: float) -> list[float]:
    """Return how long each command took that was asked within the next seconds, and until there are enough."""
    devices = [*work.kiosks, *work.windows]
    before = [len(d.asked) for d in devices]
    time.sleep(seconds)
    asked = lambda: [a.seconds for d, n in zip(devices, before, strict=True) for a in d.asked[n:]]
    until(lambda: len(asked()) >= ENOUGH, what="commands are answered")
    return asked()


def _right_again(work: ContestedHall, ear: Ear) -> float:
    """Return how long it takes until the board that is heard is as new as the hub was when the broker came back."""
    topic = topics.board(work.hall.site)
    target = work.hall.health().seq
    began = time.monotonic()
    until(
        lambda: topic in ear.newest and Board.model_validate_json(ear.newest[topic]).seq >= target,
        within_s=30,
        what="the board is right again",
    )
    return time.monotonic() - began


def _keep_issuing(kiosk: Asker, services: list[str], crowd: Crowd) -> None:
    _keep(crowd, map(lambda service: lambda: issue(kiosk, service), itertools.cycle(services)))


def _keep_calling(window: Asker, crowd: Crowd) -> None:
    _keep(crowd, itertools.repeat(lambda: call_next(window)))


def _keep(crowd: Crowd, works: itertools.repeat[Callable[[], object]] | map[Callable[[], object]]) -> None:
    for work in works:
        if crowd.stopping.is_set():
            return
        work()
        time.sleep(PACE_S)
