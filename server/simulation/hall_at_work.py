"""One hall with its clerks: they press what clerks press, and the rules of ``server.domain`` decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from protocol import journal as j
from protocol.messages import Language, Promise, WindowState
from server.domain import calling, days, issuing
from server.domain.discipline import takes
from server.domain.errors import NobodyWaiting
from server.domain.folding import steps
from server.domain.hall import Hall
from server.simulation.agenda import Agenda
from server.simulation.places import PRIORITY, Place, identifier
from server.simulation.scenario import Scenario
from server.simulation.serving import closures, serving_min
from server.simulation.stories import Story

ACTOR = "simulation"


class HallAtWork:
    """A site's hall through one day. Windows open and pause as the scenario says; idle clerks call at once."""

    def __init__(self, place: Place, scenario: Scenario, agenda: Agenda, *, hall: Hall, opening: datetime) -> None:
        self.place = place
        self.hall = hall
        self.waiting: dict[str, Story] = {}
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
        self.do(days.start_day(hall, now=self.moment, clock_trusted=True))
        for window in place.windows:
            self._plan_presence(window)

    @property
    def moment(self) -> j.Moment:
        """The moment it is now."""
        at = self._opening + timedelta(minutes=self._agenda.now_min)
        return j.Moment(at=at, boot="sim", mono_s=at.timestamp())

    def do(self, facts: Iterable[j.AnyFact]) -> None:
        """Make these facts happen now."""
        made = steps(self.hall, facts, moment=self.moment, actor=ACTOR, request_id=None)
        if made:
            self.hall = made[-1].after

    def issue(self, story: Story, *, promise: Promise | None) -> None:
        """Give a visitor a number."""
        fact = issuing.issue(
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

    def expect(self, story: Story) -> None:
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
        self.do(calling.set_window(self.hall, window=window, state=WindowState.OPEN))
        if self.hall.window(window).ticket is None:
            self._free(window)

    def _leave(self, window: str, state: WindowState) -> None:
        """The clerk goes, after the visitor who is there."""
        if self.hall.window(window).ticket is not None:
            self._leaving[window] = state
            return
        self._idle.pop(window, None)
        self.do(calling.set_window(self.hall, window=window, state=state))

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
            facts = calling.call_next(self.hall, window=window, at=self.moment)
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

    def _start(self, story: Story, window: str) -> None:
        self.do(calling.start(self.hall, window=window))
        site, described = self.place.windows[window]
        minutes = serving_min(self._scenario, story.visitor, site, described, at_min=self._agenda.now_min)
        self._agenda.after(minutes, partial(self._finish, story, window))

    def _finish(self, story: Story, window: str) -> None:
        self._left(story, window, calling.finish(self.hall, window=window))

    def _no_show(self, story: Story, window: str) -> None:
        self._left(story, window, calling.no_show(self.hall, window=window))

    def _left(self, story: Story, window: str, facts: Iterable[j.AnyFact]) -> None:
        self.do(facts)
        story.left_min = self._agenda.now_min
        story.served += 1
        self._free(window)
