"""People ahead in a hall whose windows share services: who will really be called before, by the forecast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from heapq import heappop, heappush
from random import Random

from plain_hall import PlainHall
from real_hall import SMALL_HALL

from protocol.settings import load_settings
from protocol.vocabulary import Text
from server.domain.discipline.queue_order import windows_serving
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Forecast
from server.domain.forecast.simulation_input import simulation_input
from server.domain.model.catalogue import Catalogue, Service
from server.domain.model.refusals import NobodyWaiting

BASE = load_settings(Catalogue, SMALL_HALL)
WINDOWS = (("a", "b", "c"), ("c", "d"), ("d", "e", "f"), ("a", "f"), ("b", "e"), ("g",))
"""Services of each window: most windows share each of theirs with another one."""
MINUTES = {"a": 5, "b": 8, "c": 4, "d": 12, "e": 6, "f": 9, "g": 3}
"""Mean serving time of each service."""
TICKETS = 220
SAMPLES = 40


def shared_hall() -> PlainHall:
    """Return an open hall of seven services at six windows."""
    services = [
        Service(
            id=name,
            letter=name.upper(),
            name=Text(zh=name, en=name),
            department=BASE.departments[0].id,
            area=BASE.areas[0].id,
            expected_min=minutes,
            trust_expected=True,
        )
        for name, minutes in MINUTES.items()
    ]
    windows = [
        BASE.windows[0].model_copy(update={"id": f"w-{n}", "label": str(n), "services": names, "skills": ()})
        for n, names in enumerate(WINDOWS)
    ]
    hall = PlainHall(BASE.model_copy(update={"services": tuple(services), "windows": tuple(windows)}))
    hall.open()
    return hall


def people_ahead_of_new(hall: PlainHall, forecast: Forecast, service: str) -> int:
    """Return how many people are ahead of an ordinary visitor whose ticket is issued now."""
    found = wait_times.figures_of_new(hall.hall, forecast, service=service, priority=None).people_ahead
    assert found is not None
    return found


class Day:
    """A busy day: visitors come, each is given the number of people ahead, clerks serve."""

    def __init__(self, hall: PlainHall, chance: Random) -> None:
        self.hall, self.chance = hall, chance
        self.shown: dict[str, int] = {}
        """Ticket -> people ahead by the forecast."""
        self.counted: dict[str, int] = {}
        """Ticket -> people ahead by counting who waits at windows that serve it too: the control."""
        self._idle = {f"w-{n}" for n in range(len(WINDOWS))}
        self._events: list[tuple[float, int, str]] = []
        self._now = 0.0

    def run(self) -> None:
        """Play the day until all who came are called."""
        at = 0.0
        for _ in range(TICKETS):
            at += self.chance.expovariate(1 / 68)
            heappush(self._events, (at, len(self._events), ""))
        while self._events:
            at, _, window = heappop(self._events)
            self.hall.wait(at - self._now)
            self._now = at
            if window:
                self._finish(window)
            else:
                self._arrive()

    def _arrive(self) -> None:
        service = self.chance.choices(list(MINUTES), weights=(4, 2, 4, 2, 3, 2, 3))[0]
        forecast = self.hall.forecast(samples=SAMPLES)
        ahead = people_ahead_of_new(self.hall, forecast, service)
        ticket = self.hall.issue(service)
        self.shown[ticket.id], self.counted[ticket.id] = ahead, ticket.people_ahead
        for window in sorted(self._idle):
            self._call(window)

    def _finish(self, window: str) -> None:
        self.hall.finish(window)
        self._idle.add(window)
        self._call(window)

    def _call(self, window: str) -> None:
        try:
            ticket = self.hall.call_next(window)
        except NobodyWaiting:
            return
        self._idle.discard(window)
        self.hall.start(window)
        seconds = self.chance.lognormvariate(math.log(MINUTES[ticket.service] * 60) - 0.2, 0.63) + 30
        heappush(self._events, (self._now + seconds, TICKETS + len(self.shown) * 10 + int(window[2:]), window))

    def really_ahead(self, ticket: str) -> int:
        """Return how many were called before a ticket, since its issue, at windows that take it."""
        kinds = [(e.fact.kind, getattr(e.fact, "ticket", ""), getattr(e.fact, "window", "")) for e in self.hall.journal]
        service = next(
            e.fact.service for e in self.hall.journal if e.fact.kind == "ticket_issued" and e.fact.ticket == ticket
        )
        able = windows_serving(self.hall.hall, service)
        issued = next(n for n, (kind, of, _) in enumerate(kinds) if (kind, of) == ("ticket_issued", ticket))
        called = next(n for n, (kind, of, _) in enumerate(kinds) if (kind, of) == ("ticket_called", ticket))
        return sum(kind == "ticket_called" and window in able for kind, _, window in kinds[issued:called])


def far_off(pairs: Sequence[tuple[int, int]]) -> float:
    """Return the share of numbers that are wrong by four people or more."""
    return sum(abs(shown - true) >= 4 for shown, true in pairs) / len(pairs)


def test_the_number_of_people_ahead_is_seldom_far_off_and_a_count_of_the_queues_often() -> None:
    day = Day(shared_hall(), Random(3))
    day.run()
    true = {ticket: day.really_ahead(ticket) for ticket in day.shown}
    assert max(true.values()) >= 8, "the hall is busy"
    assert far_off([(day.shown[t], n) for t, n in true.items()]) <= 0.02
    assert far_off([(day.counted[t], n) for t, n in true.items()]) > 0.05, "the control"


def test_a_free_window_of_a_shared_hall_means_that_nobody_is_ahead() -> None:
    hall = shared_hall()
    for service in ("c", "d", "d", "d", "d"):
        hall.issue(service)
    for window in ("w-0", "w-1", "w-2"):
        hall.call_next(window)
        hall.start(window)
    assert people_ahead_of_new(hall, hall.forecast(), "a") == 0, "window w-3 stands free for it"


def test_what_happened_since_the_forecast_is_counted() -> None:
    hall = PlainHall(BASE)
    hall.open("window-1")
    for _ in range(3):
        hall.issue("household")
    forecast = hall.forecast()
    new = lambda: people_ahead_of_new(hall, forecast, "id-card")
    assert new() == 3
    first = hall.issue("id-card")
    assert new() == 4
    hall.call_next()
    hall.start()
    assert new() == 3
    assert wait_times.figures_of_ticket(hall.hall, forecast, hall.hall.tickets[first.id]).people_ahead == 2


def test_one_elderly_visitor_predicts_no_stream_of_them() -> None:
    hall = PlainHall(BASE)
    hall.open("window-2")
    for _ in range(10):
        hall.issue()
        hall.wait(5)
    before = hall.forecast().services["id-card"]
    hall.issue(priority="elderly")
    after = hall.forecast().services["id-card"]
    assert before is not None
    assert after is not None
    assert after.p50_min < before.p50_min * 1.4, "her own visit is a tenth of the queue"


def test_the_first_visitor_of_a_service_predicts_no_stream_for_it() -> None:
    hall = PlainHall(BASE)
    hall.open()
    hall.wait(900)
    hall.issue("invoice")
    expected = sum(rate for _, rate in simulation_input(hall.hall, at=hall.moment).arrival_rates)
    assert expected < 0.75 / 900, "less than she alone would measure"
    for _ in range(20):
        hall.issue()
    given = simulation_input(hall.hall, at=hall.moment)
    rates = {given.services[given.queues[q][0]]: rate for q, rate in given.arrival_rates if given.queues[q][1] > 1}
    assert 0 < rates["invoice"] * 10 < rates["id-card"]


def test_people_ahead_are_never_more_than_wait() -> None:
    hall = PlainHall(BASE)
    hall.open("window-2")
    for _ in range(6):
        hall.issue(priority="elderly")
        hall.serve("window-2", seconds=300)
    tickets = [hall.issue() for _ in range(5)]
    forecast = hall.forecast()
    assert forecast.ahead["id-card"] == 5, "though more elderly visitors are expected to go first"
    assert forecast.ahead_of_tickets[tickets[-1].id] == 4
    hall.refer(waited_s=3600, arrives=False)
    assert hall.forecast().ahead["id-card"] == 5, "who is on the way does not wait yet"
