"""Requests that arrive twice, at once and out of order have one effect and one answer each."""

from __future__ import annotations

import queue
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from claims import Finding, Sizes
from contested_hall import ContestedHall
from journal_audit import Journal
from retrying_client import RetryingClient
from thread_group import ThreadGroup

SEED = 20261122
LINES = 8
COPIES = 4
"""Largest number of copies of one request."""

Request = tuple[str, dict[str, Any]]


class ShufflingNetwork:
    """Delivers requests over several lines at once, copied and out of order, and keeps every answer."""

    def __init__(self, lines: Callable[[], RetryingClient], chance: random.Random) -> None:
        self._lines = [lines() for _ in range(LINES)]
        self._chance = chance
        self.answers: dict[str, set[tuple[int, bytes]]] = defaultdict(set)
        self.sent = 0

    def deliver(self, requests: list[Request]) -> None:
        """Deliver each request at least once, until all copies are answered."""
        copies = [r for r in requests for _ in range(self._chance.randint(1, COPIES))]
        self._chance.shuffle(copies)
        self.sent += len(copies)
        waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
        for copy in copies:
            waiting.put(copy)
        threads = ThreadGroup()
        for line in self._lines:
            threads.add(self._work, line, waiting)
        threads.finish()
        for line in self._lines:
            for answered in line.answered:
                self.answers[answered.request["request_id"]].add((answered.status, answered.body))
            line.answered.clear()

    @staticmethod
    def _work(line: RetryingClient, waiting: queue.SimpleQueue[Request]) -> None:
        while True:
            try:
                path, request = waiting.get_nowait()
            except queue.Empty:
                return
            line.repeat(path, request)


def repeats(folder: Path, sizes: Sizes) -> Finding:
    """Issue, call, recall, finish and cancel through a network that copies and shuffles."""
    finding = Finding(claim=f"duplicate and reordered requests over {LINES} lines (seed {SEED})")
    with ContestedHall.open(folder) as work:
        chance = random.Random(SEED)
        windows = [work.window().device for _ in range(12)]
        kiosks = ShufflingNetwork(lambda: work.client("kiosk-1"), chance)
        panels = ShufflingNetwork(lambda: work.client("panel-1"), chance)
        count = sizes.repeated_commands // 2
        issues = [
            ("/v1/tickets", {"request_id": f"issue:{n:08}", "service": work.services[n % 4]}) for n in range(count)
        ]
        kiosks.deliver(issues)
        keys = ["call-next", "call-next", "call-next", "recall", "finish"]
        presses: list[Request] = [
            (f"/v1/windows/{chance.choice(windows)}/{chance.choice(keys)}", {"request_id": f"press:{n:08}"})
            for n in range(count)
        ]
        panels.deliver(presses)
        journal = Journal.of(work.hall.data / "hall.sqlite")
    answers = kiosks.answers | panels.answers
    finding.report(f"{len(answers):,} requests sent {kiosks.sent + panels.sent:,} times")
    finding.none(sum(len(different) > 1 for different in answers.values()), "requests with two different answers")
    finding.none(journal.done_twice(), "requests done twice")
    finding.none(len(journal.of_kind("ticket_issued")) - len(issues), "tickets too many")
    carried_out = {i for i, found in panels.answers.items() if any(status == 200 for status, _ in found)}
    written = {line.request_id for line in journal.lines if (line.request_id or "").startswith("press:")}
    finding.equal(len(carried_out ^ written), 0, "presses answered as done and not in the journal, or the reverse")
    return finding
