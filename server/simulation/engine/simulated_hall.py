"""One hall with its clerks: they press what clerks press, and the rules of ``server.domain`` decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from protocol import journal as j
from protocol.vocabulary import Language, Promise, WindowState
from server.domain.day import business_day
from server.domain.desk import calls, issuance
from server.domain.discipline.queue_order import takes
from server.domain.events.apply import apply_facts
from server.domain.model.hall import Hall
from server.domain.model.refusals import NobodyWaiting
from server.simulation.engine.event_queue import EventQueue
from server.simulation.engine.visitor_records import VisitorRecord
from server.simulation.scenario.scenario import Scenario
from server.simulation.scenario.scenario_halls import PRIORITY, ScenarioHall, identifier
from server.simulation.scenario.visit_model import closures, serving_min

ACTOR = "simulation"


class SimulatedHall:
    """A site's hall through one day. Windows open and pause as the scenario says; idle clerks call at once."""

    def __init__(
        self, place: ScenarioHall, scenario: Scenario, agenda: EventQueue, *, hall: Hall, opening: datetime
    ) -> None:
        self.place = place
        self.hall = hall
        self.waiting: dict[str, VisitorRecord] = {}
        """Whom a ticket of this hall belongs to."""
        self.changes = 0
        """How often a window was given other services to help with."""
        self._scenario = scenario
        self._agenda = agenda
        self._opening = opening
        self._idle: dict[str, None] = {}
        """Windows open and free, the longest idle first."""
        self._leaving: dict[str, WindowState] = {}
        """Windows whose clerk leaves after the visitor who is there, and what they will be then."""
        self.do(business_day.start_day(hall, now=self.moment, clock_trusted=True))
        for window in place.windows:
            self._plan_presence(window)

    @property
    def moment(self) -> j.Moment:
        """The moment it is now."""
        at = self._opening + timedelta(minutes=self._agenda.now_min)
        return j.Moment(at=at, boot="sim", mono_s=at.timestamp())

    def do(self, facts: Iterable[j.AnyFact]) -> None:
        """Make these facts happen now."""
        made = apply_facts(self.hall, facts, moment=self.moment, actor=ACTOR, request_id=None)
        if made:
            self.hall = made[-1].after

    def issue(self, story: VisitorRecord, *, promise: Promise | None) -> None:
        """Give a visitor a number."""
        fact = issuance.issue(
            self.hall,
            service=identifier(story.visitor.service),
            language=Language.ZH,
            priority=PRIORITY if story.visitor.priority else None,
            ticket=story.visitor.name,
            print_device=None,
            promise=promise,
            now=None,
        )
        self.do([fact])
        self.expect(story)
        self.rouse(fact.service)

    def expect(self, story: VisitorRecord) -> None:
        """Know a visitor whose ticket this hall has."""
        story.site = self.place.id
        self.waiting[story.visitor.name] = story

    def rouse(self, service: str) -> None:
        """Let a clerk who is idle call the visitor who has just joined a queue: one whose own service it is first."""
        able = [(w, takes(self.hall, w)) for w in self._idle]
        ready = [w for w, t in able if service in t.own] or [w for w, t in able if service in t.helps]
        if ready:
            self._call(ready[0])

    def help(self, facts: Sequence[j.WindowHelps]) -> None:
        """Let windows help with other services from now on."""
        self.do(facts)
        self.changes += len(facts)
        for fact in facts:
            if fact.window in self._idle:
                self._call(fact.window)

    def _plan_presence(self, window: str) -> None:
        site, described = self.place.windows[window]
        self._agenda.at(described.open[0], partial(self._return, window))
        for begin, end in closures(self._scenario, site, described):
            absent = WindowState.CLOSED if end is None else WindowState.PAUSED
            self._agenda.at(begin, partial(self._leave, window, absent))
            if end is not None:
                self._agenda.at(end, partial(self._return, window))

    def _return(self, window: str) -> None:
        """The clerk is there again."""
        self._leaving.pop(window, None)
        self.do(calls.set_window(self.hall, window=window, state=WindowState.OPEN))
        if self.hall.window(window).ticket is None:
            self._free(window)

    def _leave(self, window: str, state: WindowState) -> None:
        """The clerk goes, after the visitor who is there."""
        if self.hall.window(window).ticket is not None:
            self._leaving[window] = state
            return
        self._idle.pop(window, None)
        self.do(calls.set_window(self.hall, window=window, state=state))

    def _free(self, window: str) -> None:
        state = self._leaving.pop(window, None)
        if state is not None:
            self._leave(window, state)
            return
        self._idle[window] = None
        self._call(window)

    def _call(self, window: str) -> None:
        """Press "call next"; a clerk whom nobody waits for goes on waiting."""
        try:
            facts = calls.call_next(self.hall, window=window, at=self.moment)
        except NobodyWaiting:
            return
        del self._idle[window]
        self.do(facts)
        called = facts[-1]
        assert isinstance(called, j.TicketCalled)  # noqa: S101 - call_next ends with the call
        story = self.waiting.pop(called.ticket)
        story.window, story.called_min = window, self._agenda.now_min
        if story.visitor.absent:
            self._agenda.after(self._scenario.no_show_cost_min, partial(self._no_show, story, window))
        else:
            self._agenda.after(self._scenario.call_overhead_min, partial(self._start, story, window))

    def _start(self, story: VisitorRecord, window: str) -> None:
        self.do(calls.start(self.hall, window=window))
        site, described = self.place.windows[window]
        minutes = serving_min(self._scenario, story.visitor, site, described, at_min=self._agenda.now_min)
        self._agenda.after(minutes, partial(self._finish, story, window))

    def _finish(self, story: VisitorRecord, window: str) -> None:
        self._left(story, window, calls.finish(self.hall, window=window))

    def _no_show(self, story: VisitorRecord, window: str) -> None:
        self._left(story, window, calls.no_show(self.hall, window=window))

    def _left(self, story: VisitorRecord, window: str, facts: Iterable[j.AnyFact]) -> None:
        self.do(facts)
        story.left_min = self._agenda.now_min
        story.served += 1
        self._free(window)
