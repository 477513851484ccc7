"""The forecast of everybody's wait: new tickets (probe visitors), waiting and travelling ones."""

from __future__ import annotations

import pickle
from datetime import time

import pytest
from plain_hall import PlainHall
from real_hall import SMALL_HALL

from protocol import journal as j
from protocol.settings import load_settings
from protocol.vocabulary import Language, WindowState
from server.domain.desk import calls
from server.domain.forecast import forecast, simulation_input
from server.domain.forecast.forecast import Forecast, Quantiles
from server.domain.model.catalogue import Break, Catalogue, Hours

BASE = load_settings(Catalogue, SMALL_HALL)
RULES = BASE.rules


def opened(*windows: str, catalogue: Catalogue = BASE) -> PlainHall:
    hall = PlainHall(catalogue)
    hall.open(*windows)
    return hall


def probe(hall: PlainHall, service: str = "id-card", *, protected: bool = False) -> Quantiles:
    found = hall.forecast().for_new_ticket(service, protected=protected)
    assert found is not None
    return found


def test_an_empty_hall_calls_at_once() -> None:
    forecasted = opened().forecast(samples=20)
    assert forecasted.services == {"id-card": Quantiles(0, 0, 0), "household": None, "invoice": Quantiles(0, 0, 0)}
    assert forecasted.tickets == {}


def test_nothing_is_promised_while_no_window_is_open() -> None:
    hall = PlainHall(BASE)
    hall.issue()
    assert hall.forecast(samples=5) == Forecast(
        services=dict.fromkeys(("id-card", "household", "invoice")),
        protected=dict.fromkeys(("id-card", "household", "invoice")),
        tickets={},
        seq=hall.hall.seq,
    )


def test_the_same_seed_gives_the_same_forecast_and_another_one_nearly_the_same() -> None:
    hall = opened("window-2")
    for _ in range(10):
        hall.issue()
    assert hall.forecast(seed=3) == hall.forecast(seed=3)
    one, other = (hall.forecast(seed=s).services["id-card"] for s in (1, 2))
    assert one is not None
    assert other is not None
    assert one != other
    assert one.p50_min == pytest.approx(other.p50_min, rel=0.15)


def test_a_simulation_input_forecasts_the_same_in_another_process() -> None:
    hall = opened()
    for _ in range(5):
        hall.issue()
    given = simulation_input.simulation_input(hall.hall, at=hall.moment)
    unpickled = pickle.loads(pickle.dumps(given))
    assert forecast.run_simulations(unpickled, samples=20, seed=1) == forecast.run_simulations(
        given, samples=20, seed=1
    )


def test_quantiles_are_in_order_and_each_ticket_waits_longer_than_the_one_before() -> None:
    hall = opened("window-2")
    tickets = [hall.issue() for _ in range(12)]
    forecasted = hall.forecast()
    for found in forecasted.tickets.values():
        assert list(found) == sorted(found)
    middles = [forecasted.tickets[t.id].p50_min for t in tickets]
    assert middles == sorted(middles)
    assert middles[-1] < probe(hall).p50_min


def test_eight_people_of_eight_minutes_at_one_window_take_about_an_hour() -> None:
    hall = opened("window-2")
    for _ in range(8):
        hall.issue()
    forecasted = probe(hall)
    assert 50 < forecasted.p50_min < 72
    assert forecasted.p80_min - forecasted.p50_min > 8


def test_a_second_window_halves_the_wait() -> None:
    one, two = opened("window-2"), opened("window-1", "window-2")
    for hall in (one, two):
        for _ in range(16):
            hall.issue()
    assert probe(two).p50_min == pytest.approx(probe(one).p50_min / 2, rel=0.2)


def test_the_rest_of_the_wait_shrinks_while_the_visitor_ahead_is_served() -> None:
    hall = opened("window-2")
    for _ in range(4):
        hall.issue()
    last = hall.issue()
    remaining = []
    for _ in range(4):
        hall.call_next("window-2")
        hall.start("window-2")
        remaining.append(hall.forecast().tickets[last.id].p80_min)
        hall.wait(480)
        hall.finish("window-2")
    assert remaining == sorted(remaining, reverse=True)
    hall.call_next("window-2")
    assert last.id not in hall.forecast().tickets


def test_the_time_a_visit_has_taken_already_is_known() -> None:
    hall = opened("window-2")
    hall.issue()
    hall.call_next("window-2")
    hall.start("window-2")
    fresh = probe(hall).p50_min
    hall.wait(6 * 60)
    later = probe(hall).p50_min
    assert 5 < fresh < 9
    assert 1.5 < later < fresh


def test_a_visit_that_nobody_finished_does_not_break_promises() -> None:
    hall = opened("window-2")
    hall.issue()
    hall.call_next("window-2")
    hall.start("window-2")
    hall.wait(6 * 3600)
    hall.issue()
    assert probe(hall).p80_min < 25


def test_a_paused_window_comes_back_after_a_while_and_a_closed_one_does_not() -> None:
    hall = opened("window-2")
    hall.do(calls.set_window(hall.hall, window="window-2", state=WindowState.PAUSED))
    assert 5 < probe(hall).p50_min < 16
    hall.do(calls.set_window(hall.hall, window="window-2", state=WindowState.CLOSED))
    assert hall.forecast(samples=5).services["id-card"] is None


def with_break(begin: time, end: time) -> Catalogue:
    windows = tuple(w.model_copy(update={"breaks": (Break(begin=begin, end=end),)}) for w in BASE.windows)
    return BASE.model_copy(update={"windows": windows})


def test_a_planned_break_is_known_before_and_while_it_lasts() -> None:
    usual = opened("window-2")
    lunch = opened("window-2", catalogue=with_break(time(9, 20), time(10, 20)))
    for hall in (usual, lunch):
        for _ in range(8):
            hall.issue()
    assert probe(lunch).p50_min == pytest.approx(probe(usual).p50_min + 60, abs=8)
    away = opened("window-2", catalogue=with_break(time(8, 50), time(9, 30)))
    away.do(calls.set_window(away.hall, window="window-2", state=WindowState.PAUSED))
    assert probe(away).p50_min == pytest.approx(30)


def test_protected_visitors_are_promised_their_own_wait() -> None:
    hall = opened("window-2")
    for _ in range(10):
        hall.issue()
    assert probe(hall, protected=True).p90_min == 0, "the window is free this moment"
    hall.call_next("window-2")
    assert probe(hall, protected=True).p80_min < 20 < probe(hall).p50_min


def test_protected_visitors_to_come_are_expected_from_how_they_came() -> None:
    plain, served = opened("window-2"), opened("window-2")
    for hall, priority in ((plain, None), (served, "disabled")):
        for _ in range(10):
            hall.issue("id-card", priority=priority)
            hall.call_next("window-2")
            hall.wait(180)
        for _ in range(10):
            hall.issue()
    assert probe(served).p50_min > 1.25 * probe(plain).p50_min


def test_nobody_is_expected_after_the_last_hour() -> None:
    hours = Hours(days=(1, 2, 3, 4, 5, 6, 7), open=time(8), close=time(9, 1))
    hall = opened("window-2", catalogue=BASE.model_copy(update={"hours": (hours,)}))
    for _ in range(3):
        hall.issue(priority="disabled")
    given = simulation_input.simulation_input(hall.hall, at=hall.moment)
    assert (given.arrivals_end_s, len(given.arrival_rates) > 0) == (60.0, True)
    hall.wait(3600)
    assert simulation_input.simulation_input(hall.hall, at=hall.moment).arrivals_end_s < 0


def held_place(hall: PlainHall, *, travel_min: float) -> str:
    hall.do(
        [
            j.PlaceHeld(
                ticket="held",
                referral="r1",
                from_site="elsewhere",
                number="A900",
                letter="A",
                count=900,
                service="id-card",
                language=Language.ZH,
                priority=None,
                travel_min=travel_min,
                waited_s=0,
                people_ahead=0,
                promise=None,
            )
        ]
    )
    return "held"


def test_visitors_on_their_way_are_counted_and_not_called_before_they_arrive() -> None:
    hall = opened("window-2")
    held = held_place(hall, travel_min=10)
    forecasted = hall.forecast()
    assert 8 < forecasted.tickets[held].p50_min < 12
    busy = opened("window-2")
    for _ in range(4):
        busy.issue()
    before = probe(busy).p50_min
    held_place(busy, travel_min=2)
    assert probe(busy).p50_min > before + 4


def test_an_urgent_newcomer_is_expected_to_pass_a_patient_probe() -> None:
    """Household has a long limit, so those who come later for identity cards go first: its probe waits for them."""

    def wait(limit_min: float) -> float:
        services = tuple(
            s.model_copy(update={"limit_min": limit_min if s.id == "household" else 10.0, "expected_min": 8.0})
            for s in BASE.services
        )
        trusted = tuple(s.model_copy(update={"trust_expected": True}) for s in services)
        hall = opened("window-1", catalogue=BASE.model_copy(update={"services": trusted, "priorities": ()}))
        for _ in range(12):
            hall.issue("id-card")
            hall.wait(240)
        return probe(hall, "household").p50_min

    assert wait(200) > 1.2 * wait(10)


def test_a_what_if_question_is_the_forecast_of_the_changed_hall() -> None:
    hall = opened("window-2", "window-3")
    for _ in range(12):
        hall.issue()
    alone = probe(hall)
    hall.help("window-3", "id-card")
    assert probe(hall).p50_min < 0.75 * alone.p50_min


def test_who_was_passed_often_is_called_soon_in_every_run() -> None:
    bound = BASE.model_copy(update={"rules": RULES.model_copy(update={"passed_at_most": 2})})
    hall = opened("window-2", catalogue=bound)
    plain = hall.issue()
    for _ in range(6):
        hall.issue(priority="disabled")
    hall.call_next("window-2")
    hall.call_next("window-2")
    forecasted = hall.forecast().tickets
    assert forecasted[plain.id].p50_min == min(found.p50_min for found in forecasted.values())


def test_a_forecast_of_one_service_only_is_the_same_for_that_service() -> None:
    hall = opened()
    for service in ("id-card", "household", "invoice", "id-card", "household"):
        hall.issue(service)
    hall.call_next()
    given = simulation_input.simulation_input(hall.hall, at=hall.moment)
    whole = forecast.run_simulations(given, samples=30, seed=1)
    for service in hall.hall.site.services:
        only = forecast.run_simulations(given, samples=30, seed=1, only=service)
        for protected in (False, True):
            assert only.for_new_ticket(service, protected=protected) == whole.for_new_ticket(
                service, protected=protected
            )
        assert only.tickets == {}
