"""Commands that wait together are decided one after the other and committed together."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from plain_hall import PlainHall
from pydantic import ValidationError
from real_hall import SMALL_HALL

from protocol.answers import ErrorAnswer, TicketAnswer
from protocol.journal import TicketIssued
from protocol.requests import IssueTicket, WindowRequest
from protocol.settings import load_settings
from protocol.vocabulary import Language, ServiceId, Text, TicketId, WindowId
from server.domain.forecast.forecast import NO_FORECAST, Forecast
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.domain.model.refusals import NobodyWaiting, NotNow, WindowNotOpen
from server.hub.commands.remembered import fingerprint_of
from server.hub.commands.ticket_commands import Issue
from server.hub.commands.typed_command import Answered, Decision
from server.hub.commands.window_commands import CALL_NEXT, OPEN, WindowCommand
from server.hub.commands.writer import CommandWriter
from server.runtime.clock import Clock
from server.store.database import open_writer
from server.store.faults import StoreFull
from server.store.projection.rebuild import rebuild
from server.store.site_store import RememberedAnswer, Store

CATALOGUE = load_settings(Catalogue, SMALL_HALL)


def issue(name: str) -> Issue:
    return Issue(
        request=IssueTicket(request_id=f"kiosk-1:{name}", service=ServiceId("id-card"), language=Language.ZH),
        actor="kiosk-1",
        ticket=TicketId(f"ticket-{name}"),
        prints=False,
        forecast=NO_FORECAST,
        hours_apply=False,
    )


def press(name: str, window: str, operation: Any) -> WindowCommand[Any]:
    request = WindowRequest(request_id=f"panel-1:{name}")
    return WindowCommand(request=request, actor="panel-1", operation=operation, window=WindowId(window))


class Broken(Issue):
    """An issue whose rule has a fault."""

    def decide(self, hall: Hall, at: Any) -> Decision[TicketAnswer]:  # noqa: ARG002 - a Command
        raise ZeroDivisionError


def test_an_issue_is_answered_with_the_people_ahead_that_it_journals() -> None:
    plain = PlainHall(CATALOGUE)
    for _ in range(5):
        plain.issue()
    forecast = Forecast(ahead={ServiceId("id-card"): 4}, seq=plain.hall.seq)
    decision = replace(issue("one"), forecast=forecast).decide(plain.hall, plain.moment)
    (issued,) = plain.do(decision.facts)
    assert isinstance(issued.entry.fact, TicketIssued)
    assert (issued.entry.fact.people_ahead, decision.answer(plain.hall).people_ahead) == (4, 4)


class Bench:
    """A writer on a real database, whose thread can be held so that commands wait together."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = open_writer(path)
        self.store = Store(self.engine, site=CATALOGUE.site)
        self.writer = CommandWriter(self.store, catalogue=CATALOGUE, clock=Clock())
        self.statements: list[str] = []
        driver = self.store._connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self.driver = driver
        driver.set_trace_callback(self.statements.append)

    async def together(self, *commands: Any) -> list[Any]:
        """Let commands wait behind one that holds the writer's thread, and return the outcome of each."""
        held, holds = threading.Event(), threading.Event()

        def hold(hall: Hall, at: Any) -> list[Any]:  # noqa: ARG001 - a Rule
            holds.set()
            held.wait(30)
            return []

        first = asyncio.ensure_future(self.writer.run_rule(hold))
        await asyncio.to_thread(holds.wait, 30)
        waiting = [asyncio.ensure_future(self.writer.run(command)) for command in commands]
        await asyncio.sleep(0)
        self.statements.clear()
        held.set()
        await first
        return await asyncio.gather(*waiting, return_exceptions=True)

    def commits(self) -> int:
        """How many transactions were committed for the commands that waited; the first belongs to what held them."""
        return self.statements.count("COMMIT") - 1

    def rows(self, table: str) -> int:
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True) as reader:
            return int(reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    async def close(self) -> None:
        await asyncio.to_thread(self.writer.stop)
        self.engine.dispose()


def on_a_bench(path: Path, does: Callable[[Bench], Awaitable[None]]) -> None:
    async def run() -> None:
        bench = Bench(path / "hall.sqlite")
        try:
            await does(bench)
        finally:
            await bench.close()

    asyncio.run(run())


def number(outcome: Any) -> str:
    assert isinstance(outcome, Answered), outcome
    return str(outcome.answer.number)


def test_commands_that_wait_together_share_one_commit(tmp_path: Path) -> None:
    async def does(bench: Bench) -> None:
        outcomes = await bench.together(*(issue(f"n{n}") for n in range(20)))
        assert [number(o) for o in outcomes] == [f"A{n:03d}" for n in range(1, 21)]
        assert bench.commits() == 1
        assert bench.rows("tickets") == 20

    on_a_bench(tmp_path, does)


def test_each_command_sees_the_hall_after_the_one_before(tmp_path: Path) -> None:
    async def does(bench: Bench) -> None:
        opened, issued, first, second = await bench.together(
            press("open-1", "window-1", OPEN),
            issue("only"),
            *(press(f"call-{n}", "window-1", CALL_NEXT) for n in (1, 2)),
        )
        assert opened.answer.id == "window-1"
        assert number(first) == number(issued)
        assert isinstance(second, NobodyWaiting)
        assert bench.commits() == 1

    on_a_bench(tmp_path, does)


def test_a_refused_command_writes_no_fact_and_its_repeat_is_refused_with_the_same_answer(tmp_path: Path) -> None:
    async def does(bench: Bench) -> None:
        seq = bench.writer.hall.seq
        refused, issued = await bench.together(press("too-early", "window-1", CALL_NEXT), issue("one"))
        assert isinstance(refused, WindowNotOpen)
        assert number(issued) == "A001"
        assert bench.writer.hall.seq == seq + 1 == bench.rows("journal")
        await bench.writer.run(press("open-1", "window-1", OPEN))
        with pytest.raises(WindowNotOpen) as again:
            await bench.writer.run(press("too-early", "window-1", CALL_NEXT))
        assert again.value.message == refused.message

    on_a_bench(tmp_path, does)


def test_the_same_request_twice_in_one_batch_is_done_once(tmp_path: Path) -> None:
    async def does(bench: Bench) -> None:
        first, second = await bench.together(issue("twin"), issue("twin"))
        assert first.json == second.json
        assert bench.rows("tickets") == 1

    on_a_bench(tmp_path, does)


def test_a_rule_that_fails_fails_its_own_command_alone(tmp_path: Path) -> None:
    async def does(bench: Bench) -> None:
        good = issue("good")
        broken = Broken(
            request=IssueTicket(request_id="kiosk-1:broken", service=ServiceId("id-card")),
            actor="kiosk-1",
            ticket=TicketId("ticket-broken"),
            prints=False,
            forecast=NO_FORECAST,
            hours_apply=False,
        )
        failed, issued = await bench.together(broken, good)
        assert isinstance(failed, ZeroDivisionError)
        assert number(issued) == "A001"
        assert bench.rows("tickets") == 1

    on_a_bench(tmp_path, does)


def remember(bench: Bench, command: Any, *, status: int, answer: str) -> None:
    """Keep an answer as an earlier version may have left it."""
    row = RememberedAnswer(command=fingerprint_of(command), status=status, answer=answer)
    with bench.store.transaction() as transaction:
        transaction.remember(command.request.request_id, row, day=bench.writer.hall.day or date(2026, 1, 1))


def test_a_remembered_refusal_that_no_rule_has_any_more_is_repeated_word_for_word(tmp_path: Path) -> None:
    async def does(bench: Bench) -> None:
        message = Text(zh="以前的说法", en="said by an earlier version")
        old = ErrorAnswer(error="a_former_name", message=message)
        remember(bench, issue("old"), status=404, answer=old.model_dump_json())
        refused, issued = await bench.together(issue("old"), issue("new"))
        assert isinstance(refused, NotNow)
        assert (refused.name, refused.message) == ("a_former_name", message)
        assert number(issued) == "A001"

    on_a_bench(tmp_path, does)


def test_a_remembered_answer_that_cannot_be_read_fails_its_own_command_alone(tmp_path: Path) -> None:
    async def does(bench: Bench) -> None:
        remember(bench, issue("old"), status=200, answer="{}")
        unreadable, issued = await bench.together(issue("old"), issue("new"))
        assert isinstance(unreadable, ValidationError)
        assert number(issued) == "A001"

    on_a_bench(tmp_path, does)


def test_a_commit_that_fails_fails_every_command_of_it_and_changes_nothing(tmp_path: Path) -> None:
    async def does(bench: Bench) -> None:
        before = bench.writer.hall
        pages = bench.driver.execute("PRAGMA page_count").fetchone()[0]
        bench.driver.execute(f"PRAGMA max_page_count = {pages + 1}")
        commands = [issue(f"n{n}") for n in range(50)]
        outcomes = await bench.together(*commands)
        assert {type(o) for o in outcomes} == {StoreFull}
        assert bench.writer.hall is before
        assert bench.rows("tickets") == 0
        bench.driver.execute(f"PRAGMA max_page_count = {pages + 1000}")
        assert [number(o) for o in await bench.together(*commands)] == [f"A{n:03d}" for n in range(1, 51)]

    on_a_bench(tmp_path, does)


def test_listeners_are_called_before_the_answers_leave(tmp_path: Path) -> None:
    async def does(bench: Bench) -> None:
        order: list[str] = []
        bench.writer.add_listener(lambda hall: order.append(f"published {len(hall.tickets)}"))
        waiting = asyncio.ensure_future(bench.writer.run(issue("one")))
        waiting.add_done_callback(lambda _: order.append("answered"))
        await waiting
        await asyncio.sleep(0)
        assert order == ["published 1", "answered"]

    on_a_bench(tmp_path, does)


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from test_group_commit import Bench, issue
from server.store.site_store import Transaction

async def run():
    bench = Bench(Path(sys.argv[1]))
    await bench.writer.run(issue("before"))
    write, left = Transaction.write, int(sys.argv[2])

    def write_until_killed(self, entries):
        global_left[0] -= 1
        if global_left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, entries)

    global_left = [left]
    Transaction.write = write_until_killed
    await bench.together(*(issue(f"n{n}") for n in range(10)))

asyncio.run(run())
"""


@pytest.mark.parametrize("written", [1, 5, 9])
def test_a_process_killed_inside_a_batch_leaves_nothing_of_it(tmp_path: Path, written: int) -> None:
    path = tmp_path / "hall.sqlite"
    environment = os.environ | {"PYTHONPATH": ":".join([str(Path(__file__).parent), *sys.path])}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(written)], env=environment, check=False, timeout=110
    )
    assert killed.returncode == -signal.SIGKILL

    async def does(bench: Bench) -> None:
        assert [t.number for t in bench.writer.hall.tickets.values()] == ["A001"]
        outcomes = await bench.together(*(issue(f"n{n}") for n in range(10)))
        assert [number(o) for o in outcomes] == [f"A{n:03d}" for n in range(2, 12)], "all of them are done now, once"

    on_a_bench(tmp_path, does)
    assert rebuild(path, CATALOGUE, repair=False).differences == ()
