"""A hall behaves as a model of plain dicts and lists, whatever its people do.

The model knows a hall from the glossary: a line of people, windows, numbers. Each rule below is something a person
does; the model decides whether it is allowed and what it changes, and hall, journal and store must agree afterwards.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from plain_hall import PlainHall
from real_hall import SMALL_HALL
from sqlalchemy import select

from protocol import journal as j
from protocol.retained_messages import AnnouncedCall
from protocol.settings import load_settings
from protocol.vocabulary import PrintOutcome, WindowState
from server.domain.desk import announcements, calls, issuance
from server.domain.desk.assumptions import was_served
from server.domain.events.apply import apply, empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.domain.model.refusals import Refusal
from server.store import tables as t
from server.store.database import open_writer
from server.store.projection.rebuild import rebuild
from server.store.site_store import Store


@dataclass
class Paper:
    """A visitor's place in the model: what a plain person would write on a list."""

    number: str
    service: str
    priority: str | None
    place: tuple[int, int]
    since: float
    waited_before: float = 0.0
    state: str = "waiting"
    window: str | None = None
    passed: int = 0
    returns: int = 0
    assumed: bool = False


@dataclass
class Model:
    """The whole hall as plain lists. A refusal is the error's name and changes nothing."""

    return_behind: int
    own: dict[str, list[str]] = field(default_factory=dict)
    skills: dict[str, list[str]] = field(default_factory=dict)
    helps: dict[str, list[str]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    bound: int = 0
    longest: float = 0
    day: int = 1
    steps: int = 0
    papers: dict[str, Paper] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)
    windows: dict[str, str] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)
    prints: dict[str, list[str]] = field(default_factory=dict)
    doubt: dict[str, str] = field(default_factory=dict)
    """Window -> the visitor before, of whom only the clerk knows whether they were served."""

    def line(self, *services: str) -> list[str]:
        """Waiting tickets of some services, oldest place first."""
        waiting = [i for i, p in self.papers.items() if p.state == "waiting" and p.service in services]
        return sorted(waiting, key=lambda i: self.papers[i].place)

    def precedence(self, ticket: str) -> int:
        priority = self.papers[ticket].priority
        return self.classes.index(priority) if priority in self.classes else len(self.classes)

    def in_calling_order(self, service: str) -> list[str]:
        return sorted(self.line(service), key=self.precedence)

    def taken(self, window: str) -> list[str]:
        """Services a window may call from."""
        return [*self.own[window], *self.skills[window], *self.helps.get(window, [])]

    def next_for(self, window: str, *, now: float) -> str | None:
        line = self.line(*self.taken(window))
        heads: dict[tuple[str, int], str] = {}
        for ticket in line:
            heads.setdefault((self.papers[ticket].service, self.precedence(ticket)), ticket)
        often = [i for i in line if self.papers[i].passed >= self.bound]
        if often:
            return heads[self.papers[often[0]].service, self.precedence(often[0])]
        late = [i for i in heads.values() if self.waited(i, now=now) >= self.longest]
        if late:
            return max(late, key=lambda i: self.waited(i, now=now))
        share = lambda i: -self.nearness(window, i, now=now)
        order = lambda i: (self.precedence(i), share(i), self.papers[i].place)
        return min(heads.values(), key=order, default=None)

    def nearness(self, window: str, ticket: str, *, now: float) -> float:
        """How much of the limit a visitor has waited, a minute added; half of it at a window that only helps."""
        paper = self.papers[ticket]
        weight = 1.0 if paper.service in self.own[window] else 0.5
        return (self.waited(ticket, now=now) + 60) * (weight / self.limits[paper.service])

    def waited(self, ticket: str, *, now: float) -> float:
        """How long a visitor has waited, at another site too."""
        return now - self.papers[ticket].since + self.papers[ticket].waited_before

    def issue(self, ticket: str, service: str, priority: str | None, *, kiosk: bool, now: float) -> None:
        self.steps += 1
        letter = self.letters[service]
        self.given[letter] = self.given.get(letter, 0) + 1
        number = f"{letter}{self.given[letter]:03d}"
        self.papers[ticket] = Paper(number, service, priority, (self.steps, 0), now)
        if kiosk:
            self.prints[ticket] = ["pending"]

    def call(self, window: str, ticket: str, *, served: bool) -> None:
        older = [i for i in self.line(*self.taken(window)) if self.papers[i].place < self.papers[ticket].place]
        for other in older:
            self.papers[other].passed += 1
        if window in self.at:
            before = self.papers[self.at[window]]
            unseen = before.state == "called"
            if unseen and not served:
                self.doubt[window] = self.at[window]
            self.leave(self.at[window], "no_show" if unseen and not served else "finished")
            before.assumed = unseen
        paper = self.papers[ticket]
        paper.state, paper.window, paper.passed, self.at[window] = "called", window, 0, ticket
        paper.assumed = False

    def spent_before(self, window: str, ticket: str) -> bool:
        """Whether somebody older whom the window could call must not be passed again."""
        older = [i for i in self.line(*self.taken(window)) if self.papers[i].place < self.papers[ticket].place]
        return any(self.papers[i].passed >= self.bound for i in older)

    def leave(self, ticket: str, state: str) -> None:
        """Take a ticket from its window or queue into another state."""
        paper = self.papers[ticket]
        if paper.window is not None and self.at.get(paper.window) == ticket:
            del self.at[paper.window]
        paper.state, paper.window, paper.passed = state, None, 0
        paper.assumed = paper.assumed and state != "cancelled"

    def return_to_queue(self, ticket: str) -> None:
        paper = self.papers[ticket]
        if paper.assumed:
            paper.state, paper.assumed = "waiting", False
            return
        first = self.in_calling_order(paper.service)[: self.return_behind]
        own = [i for i in first if self.precedence(i) == self.precedence(ticket)]
        self.steps += 1
        if own and self.papers[own[-1]].place[0] > paper.place[0]:
            paper.place, paper.since = self.papers[own[-1]].place, self.papers[own[-1]].since
        paper.place = (paper.place[0], self.steps)
        paper.state, paper.returns = "waiting", paper.returns + 1

    def describe(self, catalogue: Catalogue) -> None:
        self.own = {w.id: list(w.services) for w in catalogue.windows}
        self.skills = {w.id: list(w.skills) if catalogue.rules.pooled else [] for w in catalogue.windows}
        self.limits = {s.id: s.limit_min * 60 for s in catalogue.services}
        self.longest = catalogue.rules.longest_wait_min * 60
        self.letters = {s.id: s.letter for s in catalogue.services}
        self.classes = [p.id for p in catalogue.priorities]
        self.bound = catalogue.rules.passed_at_most
        for ticket, paper in self.papers.items():
            gone = paper.service not in self.letters or (paper.window is not None and paper.window not in self.skills)
            if gone and paper.state not in ("finished", "cancelled"):
                self.leave(ticket, "cancelled")
        self.windows = {w: s for w, s in self.windows.items() if w in self.own}
        self.helps = {w: [s for s in more if s in self.letters] for w, more in self.helps.items() if w in self.own}
        self.doubt = {w: ticket for w, ticket in self.doubt.items() if w in self.own}

    def turn_day(self) -> None:
        self.day += 1
        self.papers, self.given, self.windows, self.at, self.prints, self.helps = {}, {}, {}, {}, {}, {}
        self.doubt = {}

    def ended(self, ticket: str) -> bool:
        return self.papers[ticket].state in ("finished", "cancelled")

    def in_doubt(self, window: str) -> str | None:
        ticket = self.doubt.get(window)
        return ticket if ticket and self.papers[ticket].state == "no_show" and self.papers[ticket].assumed else None


def described(
    base: Catalogue,
    *,
    limits: tuple[float, ...],
    skills: tuple[tuple[str, ...], ...] = ((), (), ()),
    longest_wait_min: float = 120,
) -> Catalogue:
    """Return a hall with other limits, and with windows that may help."""
    rules = {"passed_at_most": 4, "pooled": True, "longest_wait_min": longest_wait_min}
    changed = {
        "rules": base.rules.model_copy(update=rules),
        "services": tuple(
            s.model_copy(update={"limit_min": limit}) for s, limit in zip(base.services, limits, strict=True)
        ),
        "windows": tuple(w.model_copy(update={"skills": more}) for w, more in zip(base.windows, skills, strict=True)),
    }
    return base.model_copy(update=changed)


BASE = load_settings(Catalogue, SMALL_HALL)
CATALOGUES = {
    "usual": BASE,
    "nobody is passed": BASE.model_copy(update={"rules": BASE.rules.model_copy(update={"passed_at_most": 0})}),
    "passed twice at most": BASE.model_copy(update={"rules": BASE.rules.model_copy(update={"passed_at_most": 2})}),
    "no household": BASE.model_copy(
        update={
            "services": tuple(s for s in BASE.services if s.id != "household"),
            "windows": tuple(
                w.model_copy(update={"services": tuple(s for s in w.services if s != "household")})
                for w in BASE.windows
            ),
        }
    ),
    "no window 2": BASE.model_copy(update={"windows": tuple(w for w in BASE.windows if w.id != "window-2")}),
    "the old come first": BASE.model_copy(update={"priorities": tuple(reversed(BASE.priorities))}),
    "no classes": BASE.model_copy(update={"priorities": ()}),
    "limits differ": described(BASE, limits=(10, 45, 20)),
    "limits differ, windows help": described(
        BASE, limits=(10, 45, 20), skills=(("invoice",), ("household", "invoice"), ("id-card",)), longest_wait_min=25
    ),
    "everyone does everything": BASE.model_copy(
        update={
            "windows": tuple(
                w.model_copy(update={"services": tuple(s.id for s in BASE.services)}) for w in BASE.windows
            )
        }
    ),
}
URGENT = ["limits differ", "limits differ, windows help"]
WINDOWS = st.sampled_from([w.id for w in BASE.windows])
SERVICES = st.sampled_from([s.id for s in BASE.services])
PRIORITIES = st.sampled_from([None, None, None, *(p.id for p in BASE.priorities)])
CROWD = st.lists(st.tuples(SERVICES, PRIORITIES, st.sampled_from([0, 0, 60, 240, 900])), min_size=4, max_size=14)
"""Who comes, and how many seconds after the one before."""
Crowd = list[tuple[str, str | None, int]]
TICKET = st.integers(0, 40)
KEYS = ["call_next", "call_next", "call_next", "recall", "start", "start", "finish", "no_show", "no_show", "transfer"]
BUSY = st.integers(0, 40)
"""Chooses a window: mostly one with a visitor, at times any."""


@pytest.fixture(scope="module", autouse=True)
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> None:
    HallMachine.template = tmp_path_factory.mktemp("store") / "empty.sqlite"
    open_writer(HallMachine.template).dispose()


class HallMachine(RuleBasedStateMachine):
    """People in a hall."""

    template: Path

    @initialize(name=st.sampled_from([*sorted(CATALOGUES), *URGENT, *URGENT]), crowd=CROWD)
    def begin(self, name: str, crowd: Crowd) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.template.parent))
        self.path = self.folder / "hall.sqlite"
        shutil.copy(self.template, self.path)
        self.engine = open_writer(self.path)
        self.store = Store(self.engine, site=BASE.site)
        self.described = CATALOGUES[name]
        self.real = PlainHall(self.described)
        self.written = 0
        self.folded = empty_hall(self.described)
        self.model = Model(BASE.rules.return_behind)
        self.model.describe(self.described)
        self.windows_open()
        self.people_come(crowd)
        self.keep()

    def keep(self) -> None:
        """Write what happened to the store, and fold the journal as another reader would: from its JSON."""
        with self.store.transaction() as transaction:
            transaction.write(self.real.made[self.written :])
        for entry in self.real.journal[self.written :]:
            self.folded = apply(self.folded, j.Entry.model_validate_json(entry.model_dump_json()))
        self.written = len(self.real.made)

    def attempt(self, expected: str | None, facts: Callable[[Hall], Iterable[j.AnyFact]]) -> bool:
        """Try a command; the refusal must be the expected one. True when the hall carried it out."""
        if expected is None:
            self.real.do(facts(self.real.hall))
            return True
        with pytest.raises(Refusal) as refused:
            facts(self.real.hall)
        assert refused.value.name == expected
        return False

    def ticket(self, choice: int) -> str:
        """Some ticket of the day: mostly one in the hall, at times an ended one."""
        known = list(self.model.papers)
        return known[-1 - choice % len(known)]

    def window(self, choice: int) -> str:
        """Some window: mostly one with a visitor."""
        held = sorted(self.model.at)
        every = [w.id for w in BASE.windows]
        return held[choice % len(held)] if held and choice % 8 else every[choice % len(every)]

    def windows_open(self) -> None:
        for window in self.model.own:
            self.set_window(window, "open")

    # ------------------------------------------------------------------------------------------------- visitors

    @rule(crowd=CROWD)
    def people_come(self, crowd: Crowd) -> None:
        for service, priority, later in crowd:
            self.real.wait(later)
            unknown = service not in self.model.letters or priority not in (None, *self.model.classes)
            if not unknown:
                kiosk = len(self.model.papers) % 2 == 0
                ticket = self.real.issue(service, priority=priority, print_device="kiosk-1" if kiosk else None)
                self.model.issue(ticket.id, service, priority, kiosk=kiosk, now=self.real.moment.mono_s)
                assert ticket.number == self.model.papers[ticket.id].number

    @rule(service=SERVICES, priority=PRIORITIES, waited=st.sampled_from([300, 1500, 5000]))
    def another_site_refers_a_visitor(self, service: str, priority: str | None, waited: int) -> None:
        if service in self.model.letters and priority in (None, *self.model.classes):
            ticket = self.real.refer(service, priority=priority, waited_s=waited)
            self.model.issue(ticket.id, service, priority, kiosk=False, now=self.real.moment.mono_s)
            self.model.papers[ticket.id].waited_before = waited

    @precondition(lambda self: self.model.papers)
    @rule(choice=TICKET)
    def withdraw(self, choice: int) -> None:
        ticket = self.ticket(choice)
        expected = "unknown_ticket" if self.model.ended(ticket) else None
        if self.attempt(expected, lambda hall: [issuance.cancel(hall, ticket=ticket)]):
            self.model.leave(ticket, "cancelled")

    @precondition(lambda self: self.model.papers)
    @rule(choice=TICKET)
    def return_to_queue(self, choice: int) -> None:
        ticket = self.ticket(choice)
        paper = self.model.papers[ticket]
        expected = "wrong_state" if paper.state != "no_show" else "no_return_left" if paper.returns else None
        expected = "unknown_ticket" if self.model.ended(ticket) else expected
        if paper.assumed:
            served = any(paper.service in self.model.taken(window) for window in self.model.own)
            expected = None if served or not self.model.ended(ticket) else "unknown_ticket"
        if self.attempt(expected, lambda hall: [issuance.return_to_queue(hall, ticket=ticket)]):
            self.model.return_to_queue(ticket)

    @precondition(lambda self: any(p.state == "no_show" and not p.returns for p in self.model.papers.values()))
    @rule()
    def a_missed_visitor_returns(self) -> None:
        ticket = next(i for i, p in self.model.papers.items() if p.state == "no_show" and not p.returns)
        self.real.return_to_queue(ticket)
        self.model.return_to_queue(ticket)

    # --------------------------------------------------------------------------------------------------- clerks

    def refusal_at(self, window: str, *states: str) -> str | None:
        """The refusal of a key when no visitor is at the window in one of these states."""
        if window not in self.model.own:
            return "unknown_window"
        held = self.model.at.get(window)
        return None if held and self.model.papers[held].state in states else "no_ticket_at_window"

    def not_open(self, window: str) -> str | None:
        if window not in self.model.own:
            return "unknown_window"
        return None if self.model.windows.get(window) == "open" else "window_not_open"

    @rule(window=WINDOWS, state=st.sampled_from(["open"] * 6 + ["paused", "closed"]))
    def set_window(self, window: str, state: str) -> None:
        expected = None if window in self.model.own else "unknown_window"
        wanted = WindowState(state)
        if self.attempt(expected, lambda hall: calls.set_window(hall, window=window, state=wanted)):
            self.model.windows[window] = state

    @rule(presses=st.lists(st.tuples(st.sampled_from(KEYS), BUSY, SERVICES), min_size=6, max_size=12))
    def clerks_work(self, presses: list[tuple[str, int, str]]) -> None:
        for key, choice, service in presses:
            if key == "call_next":
                self.call_next(BASE.windows[choice % len(BASE.windows)].id)
            elif key == "transfer":
                self.transfer(self.window(choice), service)
            else:
                getattr(self, key)(self.window(choice))
            self.the_hall_equals_the_model()

    def call_next(self, window: str) -> None:
        expected = self.not_open(window)
        chosen = None if expected else self.model.next_for(window, now=self.real.moment.mono_s)
        if expected is None and chosen is None:
            expected = "nobody_waiting"
        at, served = self.real.moment, self.taken_for_served(window)
        if self.attempt(expected, lambda hall: calls.call_next(hall, window=window, at=at)):
            assert chosen is not None
            self.model.call(window, chosen, served=served)

    def taken_for_served(self, window: str) -> bool:
        """Whether the next press takes the visitor at a window for served (``tests/domain/test_assumptions.py``)."""
        ticket = self.real.hall.open_ticket(self.real.hall.window(window).ticket)
        return ticket is not None and was_served(self.real.hall, ticket, at=self.real.moment)

    @rule(window=WINDOWS, services=st.sets(SERVICES, max_size=2))
    def a_manager_lets_a_window_help(self, window: str, services: set[str]) -> None:
        if window in self.model.own:
            helps = sorted(services & set(self.model.letters))
            self.real.help(window, *helps)
            self.model.helps[window] = helps

    @precondition(lambda self: self.model.papers)
    @rule(window=WINDOWS, choice=TICKET)
    def call_number(self, window: str, choice: int) -> None:
        ticket = self.ticket(choice)
        paper = self.model.papers[ticket]
        expected = self.not_open(window)
        if expected is None and self.model.ended(ticket) and not paper.assumed:
            expected = "unknown_ticket"
        elif expected is None and paper.state in ("called", "serving"):
            expected = "ticket_elsewhere"
        elif expected is None and paper.service not in self.model.taken(window):
            expected = "service_not_served"
        elif expected is None and self.model.spent_before(window, ticket):
            expected = "passed_too_often"
        at, number, served = self.real.moment, paper.number, self.taken_for_served(window)
        if self.attempt(expected, lambda hall: calls.call_number(hall, window=window, number=number, at=at)):
            self.model.call(window, ticket, served=served)

    def recall(self, window: str) -> None:
        if self.attempt(self.refusal_at(window, "called", "serving"), lambda hall: calls.recall(hall, window=window)):
            assert self.real.hall.calls[0].recall

    @rule()
    def the_voice_speaks(self) -> None:
        """A screen reports the latest call, twice; who waits, and who is where, is as before."""
        reported = [AnnouncedCall(call_seq=call.call_seq, ago_s=1.0) for call in self.real.hall.calls[:1]]
        spoken = self.real.do(announcements.announced(self.real.hall, reported, device="screen-1"))
        assert len(spoken) <= len(reported)
        assert announcements.announced(self.real.hall, reported, device="screen-1") == []

    def start(self, window: str) -> None:
        if self.attempt(self.refusal_at(window, "called"), lambda hall: calls.start(hall, window=window)):
            self.model.papers[self.model.at[window]].state = "serving"

    def finish(self, window: str) -> None:
        if self.attempt(self.refusal_at(window, "called", "serving"), lambda hall: calls.finish(hall, window=window)):
            paper = self.model.papers[self.model.at[window]]
            paper.assumed = paper.state == "called"
            self.model.leave(self.model.at[window], "finished")

    def no_show(self, window: str) -> None:
        at = self.real.moment
        if self.attempt(self.refusal_at(window, "called"), lambda hall: calls.mark_no_show(hall, window=window, at=at)):
            self.model.leave(self.model.at[window], "no_show")

    @rule(window=WINDOWS, served=st.booleans())
    def a_clerk_confirms_whether_the_one_before_came(self, window: str, *, served: bool) -> None:
        ticket = self.model.in_doubt(window)
        expected = "nobody_in_doubt" if ticket is None else None
        expected = expected if window in self.model.own else "unknown_window"
        confirm = calls.confirm_served if served else calls.confirm_absent
        if self.attempt(expected, lambda hall: confirm(hall, window=window)):
            assert ticket is not None
            self.model.leave(ticket, "finished" if served else "no_show")
            self.model.papers[ticket].assumed = False

    def transfer(self, window: str, service: str) -> None:
        expected = self.refusal_at(window, "called", "serving")
        if expected is None and service not in self.model.letters:
            expected = "unknown_service"
        if self.attempt(expected, lambda hall: calls.transfer(hall, window=window, service=service)):
            ticket = self.model.at[window]
            self.model.leave(ticket, "waiting")
            self.model.papers[ticket].service = service

    # --------------------------------------------------------------------------------------------------- paper

    @precondition(lambda self: self.model.papers)
    @rule(choice=TICKET)
    def print_again(self, choice: int) -> None:
        ticket = self.ticket(choice)
        jobs = self.model.prints.setdefault(ticket, [])
        expected = "reprint_used" if len(jobs) > self.printed_by_kiosk(ticket) else None
        expected = "unknown_ticket" if self.model.ended(ticket) else expected
        if self.attempt(expected, lambda hall: [issuance.reprint(hall, ticket=ticket, device="kiosk-1")]):
            jobs.append("pending")

    def printed_by_kiosk(self, ticket: str) -> bool:
        facts = (entry.fact for entry in self.real.journal)
        return any(isinstance(f, j.TicketIssued) and f.ticket == ticket and f.print_device for f in facts)

    @precondition(lambda self: self.model.papers)
    @rule(choice=TICKET, job=st.integers(1, 2), outcome=st.sampled_from(["printed", "failed", "unknown"]))
    def print_ends(self, choice: int, job: int, outcome: str) -> None:
        ticket = self.ticket(choice)
        jobs = self.model.prints.get(ticket, [])
        forgotten = self.model.ended(ticket) and not self.model.papers[ticket].assumed and "pending" not in jobs
        known = None if forgotten or len(jobs) < job else jobs[job - 1]
        expected = None if known in (outcome, "pending", "unknown") else "print_ended_already"
        expected = "unknown_print" if known is None else expected
        name, ended = f"{ticket}.{job}", PrintOutcome(outcome)
        if self.attempt(expected, lambda hall: issuance.end_print(hall, job=name, outcome=ended, reason="")):
            jobs[job - 1] = outcome

    # -------------------------------------------------------------------------------------------- time and site

    @rule(seconds=st.integers(1, 900))
    def time_passes(self, seconds: int) -> None:
        self.real.wait(seconds)

    @rule(back=st.integers(1, 400))
    def the_clock_jumps_back(self, back: int) -> None:
        self.real.wait(-86400.0 * back)
        self.real.trust = ClockTrust.KEPT
        assert self.real.turn_day() == []
        self.real.trust = ClockTrust.CONFIRMED
        self.real.wait(86400.0 * back)

    @precondition(lambda self: len(self.model.papers) > 15)
    @rule(crowd=CROWD)
    def the_day_turns(self, crowd: Crowd) -> None:
        self.real.wait(86400)
        assert self.real.turn_day()
        self.model.turn_day()
        self.windows_open()
        self.people_come(crowd)

    @precondition(lambda self: len(self.model.papers) > 10)
    @rule(name=st.sampled_from(sorted(CATALOGUES)))
    def the_site_is_described_anew(self, name: str) -> None:
        self.real.change(CATALOGUES[name])
        self.model.describe(CATALOGUES[name])
        self.windows_open()

    @rule()
    def the_hub_starts_again(self) -> None:
        self.keep()
        self.store.close()
        self.engine.dispose()
        self.engine = open_writer(self.path)
        self.store = Store(self.engine, site=BASE.site)
        loaded = self.store.load(self.described)
        assert loaded == self.real.hall
        self.real.hall = loaded

    # ---------------------------------------------------------------------------------------------- what holds

    @invariant()
    def the_hall_equals_the_model(self) -> None:
        hall, model = self.real.hall, self.model
        present = {i: p for i, p in model.papers.items() if not model.ended(i)}
        assert {i: (x.number, x.service, x.state, x.returns) for i, x in hall.tickets.items()} == {
            i: (p.number, p.service, p.state, p.returns) for i, p in present.items()
        }
        assumed = {i for i, p in model.papers.items() if p.assumed and p.state == "finished"}
        assert set(hall.assumed) == assumed
        assert {i for i, x in hall.tickets.items() if x.assumed} == {i for i, p in present.items() if p.assumed}
        assert {i: x.window for i, x in hall.tickets.items()} == {i: p.window for i, p in present.items()}
        assert {s: [x.id for x in q] for s, q in hall.queues.items() if q} == {
            s: model.in_calling_order(s) for s in model.letters if model.line(s)
        }
        assert {i: n for i, n in hall.passed.items() if n} == {i: p.passed for i, p in present.items() if p.passed}
        assert {w: hall.window(w).state for w in model.own} == {w: model.windows.get(w, "closed") for w in model.own}
        assert {w: s.ticket for w, s in hall.windows.items() if s.ticket} == model.at
        assert dict(hall.counts) == model.given
        kept = {
            i: jobs
            for i, jobs in model.prints.items()
            if jobs and (not model.ended(i) or model.papers[i].assumed or "pending" in jobs)
        }
        assert {i: [str(x.outcome) for x in jobs] for i, jobs in hall.prints.items()} == kept

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        hall = self.real.hall
        waiting = [x.id for q in hall.queues.values() for x in q]
        held = [w.ticket for w in hall.windows.values() if w.ticket]
        absent = [x.id for x in hall.tickets.values() if x.state == "no_show"]
        assert sorted(waiting + held + absent) == sorted(hall.tickets)
        assert sorted(hall.numbers.values()) == sorted(hall.tickets)

    @invariant()
    def nobody_is_passed_too_often(self) -> None:
        bounds = [CATALOGUES[name].rules.passed_at_most for name in CATALOGUES]
        assert max(self.real.hall.passed.values(), default=0) <= max(bounds)

    @invariant()
    def the_journal_makes_the_same_hall(self) -> None:
        self.keep()
        assert self.folded == self.real.hall

    def teardown(self) -> None:
        if hasattr(self, "store"):
            try:
                self.check_store()
            finally:
                shutil.rmtree(self.folder)

    def check_store(self) -> None:
        self.keep()
        assert self.store.load(self.described) == self.real.hall
        self.the_tables_equal_the_model()
        self.store.close()
        self.engine.dispose()
        assert rebuild(self.path, self.described, repair=False).differences == ()

    def the_tables_equal_the_model(self) -> None:
        """States of today's tickets, ended ones too; numbers of every day without gap or repeat."""
        day = self.real.hall.day
        with self.engine.connect() as connection:
            rows = connection.execute(select(t.tickets)).mappings().all()
        today = {r["id"]: (r["number"], r["state"]) for r in rows if r["business_day"] == day}
        assert today == {i: (p.number, p.state) for i, p in self.model.papers.items()}
        given: dict[tuple[object, str], list[int]] = {}
        for row in rows:
            given.setdefault((row["business_day"], row["letter"]), []).append(row["count"])
        assert all(sorted(counts) == list(range(1, len(counts) + 1)) for counts in given.values())


TestHallAgainstAModel = pytest.mark.timeout(600)(HallMachine.TestCase)  # as long as a busy machine needs


def test_the_fold_of_an_empty_journal_is_an_empty_hall() -> None:
    assert empty_hall(BASE) == Hall(site=empty_hall(BASE).site)
