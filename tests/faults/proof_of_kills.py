"""A hub that is killed under load loses nothing that it answered, and does nothing twice."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path

from claims import Finding, Sizes
from contested_hall import ContestedHall, call_next, issue
from journal_audit import Journal, Line
from percentiles import percentile
from real_hall import RealHall
from retrying_client import RetryingClient
from thread_group import ThreadGroup

READY_WITHIN_S = 5.0
PACE_S = 0.04
"""Pause between two commands of one device, seconds: busier than any hall, but a restart can read its journal."""
SEED = 20261122


def kills(folder: Path, sizes: Sizes) -> Finding:
    """Kill the hub again and again under load; every client retries with the same request."""
    finding = Finding(claim=f"{sizes.kills} × kill -9 of the hub under load (seed {SEED})")
    chance = random.Random(SEED)
    ready: list[float] = []
    with ContestedHall.open(folder) as work:
        threads = ThreadGroup()
        for _ in range(3):
            threads.add(_keep_issuing, work.kiosk(), work.services, threads)
            threads.add(_keep_calling, work.window(), threads)
        for _ in range(sizes.kills):
            time.sleep(chance.uniform(0.05, 0.6))
            work.hall.hub.kill()
            ready.append(work.hall.start_hub(within_s=60))
            if threads.stopping.is_set():
                break
        threads.stop()
        within_s = READY_WITHIN_S * sizes.patience
        finding.at_most(max(ready), within_s, f"ready again p50 {percentile(ready, 0.5):.2f} s, slowest")
        _check(finding, work)
        work.hall.hub.stop()
        _check_rebuild(finding, work.hall)
    return finding


def _keep_issuing(kiosk: RetryingClient, services: list[str], threads: ThreadGroup) -> None:
    for service in itertools.cycle(services):
        if threads.stopping.is_set():
            return
        issue(kiosk, service)
        _repeat_the_last(kiosk)
        time.sleep(PACE_S)


def _keep_calling(window: RetryingClient, threads: ThreadGroup) -> None:
    while not threads.stopping.is_set():
        call_next(window)
        _repeat_the_last(window)
        time.sleep(PACE_S)


def _repeat_the_last(device: RetryingClient) -> None:
    """A repeated request has the identical answer, also from a hub that was started in between.

    A refusal has changed nothing and is in the hub's memory only: after a start it may be judged anew, and the second
    answer counts.
    """
    last = device.answered[-1]
    again = device.repeat(last.path, last.request)
    if last.status != HTTPStatus.OK:
        del device.answered[-2]
        return
    device.answered.pop()
    if (again.status, again.body) != (last.status, last.body):
        raise AssertionError(f"{last.path} {last.request} was answered {last.body!r} and then {again.body!r}")


def _check(finding: Finding, work: ContestedHall) -> None:
    journal = Journal.of(work.hall.data / "hall.sqlite")
    issued, called, printed = work.answered("/tickets"), work.answered("/call-next"), work.answered("/outcome")
    repeated = sum(a.tries > 1 for a in [*issued, *called, *printed])
    finding.report(f"{len(issued):,} tickets and {len(called):,} calls answered, {repeated} after a retry")
    tickets = _by_request(journal, "ticket_issued")
    calls = _by_request(journal, "ticket_called")
    kept = [a for a in issued if a.request["request_id"] in tickets]
    finding.none(len(issued) - len(kept), "answered tickets lost")
    finding.equal(
        {(a.answer["id"], a.answer["number"]) for a in kept},
        {(line.fact["ticket"], line.fact["number"]) for line in tickets.values()},
        "tickets answered and in the journal",
    )
    finding.none(sum(a.request["request_id"] not in calls for a in called), "answered calls lost")
    finding.equal(
        {(a.answer["id"], a.answer["window"]) for a in called},
        {(line.fact["ticket"], line.fact["window"]) for line in calls.values()},
        "calls answered and in the journal",
    )
    reports = _by_request(journal, "print_ended")
    finding.none(sum(a.request["request_id"] not in reports for a in printed), "answered print reports lost")
    finding.none(journal.done_twice(), "requests done twice")
    finding.none(sum(count - 1 for count in journal.numbers().values()), "duplicate numbers")
    finding.none(journal.gaps(), "gaps in the numbers")
    finding.none(journal.tickets_called_to_two_windows(), "tickets called to two windows")
    finding.report(f"{len(journal.lines):,} journal entries")


def _by_request(journal: Journal, kind: str) -> dict[str | None, Line]:
    return {line.request_id: line for line in journal.of_kind(kind)}


def _check_rebuild(finding: Finding, hall: RealHall) -> None:
    command = [sys.executable, "-m", "server.hub.admin", "--settings", str(hall.settings), "rebuild"]
    rebuilt = subprocess.run(command, capture_output=True, text=True, check=False)
    output = (rebuilt.stdout + rebuilt.stderr).strip()
    if rebuilt.returncode == 0 and "nothing differs" in output:
        finding.report("rebuild: nothing differs")
    else:
        finding.against.append(f"rebuild: {output}")
