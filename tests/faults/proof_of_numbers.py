"""Parallel kiosks never give a number twice and leave none out; parallel windows never call the same ticket."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from claims import Finding, Sizes, spread
from contested_hall import ContestedHall, call_many, call_while, issue_many, issue_while
from journal_audit import Journal
from thread_group import ThreadGroup

QUEUE_BOUND = 200


def numbers(folder: Path, sizes: Sizes) -> Finding:
    """Eight kiosks issue at once while all windows call."""
    finding = Finding(claim=f"{sizes.kiosks} kiosks × {sizes.tickets_per_kiosk:,} tickets at once")
    with ContestedHall.open(folder) as work:
        issuing, calling = ThreadGroup(), ThreadGroup()
        for _ in range(sizes.windows):
            calling.add(call_while, work.window(), calling)
        began = time.perf_counter()
        for _ in range(sizes.kiosks):
            issuing.add(lambda kiosk: issue_many(kiosk, work.services, count=sizes.tickets_per_kiosk), work.kiosk())
        issuing.finish()
        took = time.perf_counter() - began
        calling.stop()
        issued = work.answered("/tickets")
        finding.equal(len(issued), sizes.kiosks * sizes.tickets_per_kiosk, "tickets answered")
        _report_speed(finding, [a.seconds for a in issued], took=took)
        _check_numbers(finding, [a.answer["number"] for a in issued], Journal.of(work.hall.data / "hall.sqlite"))
        _check_calls(finding, work)
    return finding


def long_queue(folder: Path, sizes: Sizes) -> Finding:
    """No window calls, and the queue grows far beyond what a hall can hold: issuing must go on."""
    finding = Finding(claim=f"{sizes.long_queue:,} tickets waiting and nobody calling")
    with ContestedHall.open(folder) as work:
        threads = ThreadGroup()
        share = sizes.long_queue // 4
        for _ in range(4):
            threads.add(lambda kiosk: issue_many(kiosk, work.services, count=share), work.kiosk())
        threads.finish()
        journal = Journal.of(work.hall.data / "hall.sqlite")
        tenth = share // 10
        seconds = [[a.seconds for a in kiosk.answered if a.path == "/v1/tickets"] for kiosk in work.kiosks]
        first, last = [s for k in seconds for s in k[:tenth]], [s for k in seconds for s in k[-tenth:]]
        finding.report(f"issue, first tenth: {spread(first)}; last tenth: {spread(last)}")
        finding.at_most(max(last), 2 * sizes.patience, "slowest of the last tenth")
        _check_numbers(finding, [a.answer["number"] for a in work.answered("/tickets")], journal)
    return finding


def calls(folder: Path, sizes: Sizes) -> Finding:
    """Twelve windows that serve the same services call at once."""
    finding = Finding(claim=f"{sizes.windows} windows × {sizes.calls_per_window:,} calls at once")
    with ContestedHall.open(folder) as work:
        feeding, calling = ThreadGroup(), ThreadGroup()
        for _ in range(4):
            feeding.add(
                lambda kiosk: issue_while(kiosk, work.services, feeding, at_most_waiting=QUEUE_BOUND), work.kiosk()
            )
        began = time.perf_counter()
        for _ in range(sizes.windows):
            calling.add(lambda window: call_many(window, count=sizes.calls_per_window), work.window())
        calling.finish()
        took = time.perf_counter() - began
        feeding.stop()
        called = work.answered("/call-next")
        finding.equal(len(called), sizes.windows * sizes.calls_per_window, "calls answered")
        _report_speed(finding, [a.seconds for a in called], took=took)
        _check_calls(finding, work)
    return finding


def _report_speed(finding: Finding, seconds: list[float], *, took: float) -> None:
    finding.report(f"{len(seconds) / took:.0f} a second, {spread(seconds)}")


def _check_numbers(finding: Finding, answered: list[str], journal: Journal) -> None:
    """The visitors' numbers and the journal's are the same, each once, and none is left out."""
    issued = journal.numbers()
    finding.none(sum(count - 1 for count in issued.values()), "duplicate numbers")
    finding.none(journal.gaps(), "gaps in the numbers")
    finding.none(journal.missing_lines(), "lines missing in the journal")
    written = Counter(number for (_, number), count in issued.items() for _ in range(count))
    finding.equal(Counter(answered) == written, True, "visitors have exactly the numbers in the journal")  # noqa: FBT003 - the expected value


def _check_calls(finding: Finding, work: ContestedHall) -> None:
    """The answers to the windows and the journal agree, and no ticket was called twice."""
    answers = Counter(a.answer["id"] for a in work.answered("/call-next"))
    finding.none(sum(count > 1 for count in answers.values()), "tickets answered to two windows")
    journal = Journal.of(work.hall.data / "hall.sqlite")
    finding.none(journal.tickets_called_to_two_windows(), "tickets called to two windows in the journal")
    written = Counter(line.fact["ticket"] for line in journal.of_kind("ticket_called"))
    finding.equal(answers == written, True, "windows were answered exactly the calls in the journal")  # noqa: FBT003 - the expected value
