"""One simulated hall: its clerks press keys, and the rules of ``server.domain`` decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from protocol import journal as j
from protocol.vocabulary import Language, Promise, ServiceId, TicketId, WindowId, WindowState
from server.domain.day import business_day
from server.domain.day.business_day import NO_NUMBERS
from server.domain.desk import calls, issuance
from server.domain.discipline.queue_order import services_of
from server.domain.events.apply import apply_facts
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.domain.model.refusals import NobodyWaiting
from server.simulation.engine.event_queue import EventQueue
from server.simulation.engine.visitor_records import VisitorRecord
from server.simulation.scenario.scenario import Scenario
from server.simulation.scenario.scenario_halls import PRIORITY, ScenarioHall, service_id
from server.simulation.scenario.visit_model import closures, serving_min

ACTOR = "simulation"


class SimulatedHall:
    """A site's hall through one day. Windows open and pause as the scenario describes; idle clerks call at once."""

    def __init__(
        self, scenario_hall: ScenarioHall, scenario: Scenario, events: EventQueue, *, hall: Hall, opening: datetime
    ) -> None:
        self.scenario_hall = scenario_hall
        self.hall = hall
        self.waiting: dict[TicketId, VisitorRecord] = {}
        """Ticket id -> its visitor, of tickets that wait or travel here."""
        self.changes = 0
        """Number of times a window was given other services to help with."""
        self._scenario = scenario
        self._events = events
        self._opening = opening
        self._idle: dict[WindowId, None] = {}  # open windows without a visitor, the longest idle first
        self._leaving: dict[
            WindowId, WindowState
        ] = {}  # windows whose clerk leaves after this visit -> state from then on
        self.record(business_day.start_day(hall, now=self.moment, trust=ClockTrust.CONFIRMED, numbers=NO_NUMBERS))
        for window in scenario_hall.windows:
            self._schedule_clerk(window)

    @property
    def moment(self) -> j.Moment:
        """The simulated moment."""
        at = self._opening + timedelta(minutes=self._events.now_min)
        return j.Moment(at=at, boot="sim", mono_s=at.timestamp())

    def record(self, facts: Iterable[j.AnyFact]) -> None:
        """Apply facts at the simulated moment."""
        applied = apply_facts(self.hall, facts, moment=self.moment, actor=ACTOR, request_id=None)
        if applied:
            self.hall = applied[-1].after

    def issue(self, record: VisitorRecord, *, promise: Promise | None) -> None:
        """Issue a ticket to a visitor."""
        fact = issuance.issue(
            self.hall,
            service=service_id(record.visitor.service),
            language=Language.ZH,
            priority=PRIORITY if record.visitor.priority else None,
            ticket=TicketId(record.visitor.name),
            print_device=None,
            promise=promise,
            now=None,
        )
        self.record([fact])
        self.expect(record)
        self.wake_idle_clerk(fact.service)

    def expect(self, record: VisitorRecord) -> None:
        """Register a visitor whose ticket this hall owns."""
        record.site = self.scenario_hall.id
        self.waiting[TicketId(record.visitor.name)] = record

    def wake_idle_clerk(self, service: ServiceId) -> None:
        """Let an idle clerk call the visitor who has just joined a queue, preferring a window of that service."""
        able = [(w, services_of(self.hall, w)) for w in self._idle]
        ready = [w for w, t in able if service in t.own] or [w for w, t in able if service in t.secondary]
        if ready:
            self._call(ready[0])

    def help(self, facts: Sequence[j.WindowHelps]) -> None:
        """Let windows help with other services from now on."""
        self.record(facts)
        self.changes += len(facts)
        for fact in facts:
            if fact.window in self._idle:
                self._call(fact.window)

    def _schedule_clerk(self, window: WindowId) -> None:
        site, scenario_window = self.scenario_hall.windows[window]
        self._events.schedule_at(scenario_window.open[0], partial(self._open, window))
        for begin, end in closures(self._scenario, site, scenario_window):
            absent = WindowState.CLOSED if end is None else WindowState.PAUSED
            self._events.schedule_at(begin, partial(self._leave, window, absent))
            if end is not None:
                self._events.schedule_at(end, partial(self._open, window))

    def _open(self, window: WindowId) -> None:
        self._leaving.pop(window, None)
        self.record(calls.set_window(self.hall, window=window, state=WindowState.OPEN))
        if self.hall.window(window).ticket is None:
            self._free(window)

    def _leave(self, window: WindowId, state: WindowState) -> None:
        """Let the clerk go, after the visitor who is at the window."""
        if self.hall.window(window).ticket is not None:
            self._leaving[window] = state
            return
        self._idle.pop(window, None)
        self.record(calls.set_window(self.hall, window=window, state=state))

    def _free(self, window: WindowId) -> None:
        state = self._leaving.pop(window, None)
        if state is not None:
            self._leave(window, state)
            return
        self._idle[window] = None
        self._call(window)

    def _call(self, window: WindowId) -> None:
        """Press "call next"; the clerk stays idle when nobody waits."""
        try:
            facts = calls.call_next(self.hall, window=window, at=self.moment)
        except NobodyWaiting:
            return
        del self._idle[window]
        self.record(facts)
        called = facts[-1]
        assert isinstance(called, j.TicketCalled)  # noqa: S101 - call_next ends with the call
        record = self.waiting.pop(called.ticket)
        record.window, record.called_min = window, self._events.now_min
        if record.visitor.absent:
            self._events.schedule_after(self._scenario.no_show_cost_min, partial(self._no_show, record, window))
        else:
            self._events.schedule_after(self._scenario.call_overhead_min, partial(self._start, record, window))

    def _start(self, record: VisitorRecord, window: WindowId) -> None:
        self.record(calls.start(self.hall, window=window))
        site, scenario_window = self.scenario_hall.windows[window]
        minutes = serving_min(self._scenario, record.visitor, site, scenario_window, at_min=self._events.now_min)
        self._events.schedule_after(minutes, partial(self._finish, record, window))

    def _finish(self, record: VisitorRecord, window: WindowId) -> None:
        self._end_visit(record, window, calls.finish(self.hall, window=window))

    def _no_show(self, record: VisitorRecord, window: WindowId) -> None:
        self._end_visit(record, window, calls.mark_no_show(self.hall, window=window, at=self.moment))

    def _end_visit(self, record: VisitorRecord, window: WindowId, facts: Iterable[j.AnyFact]) -> None:
        self.record(facts)
        record.left_min = self._events.now_min
        record.served += 1
        self._free(window)
