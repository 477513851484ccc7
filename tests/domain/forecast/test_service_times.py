"""Serving times estimated from visits that are drawn from known distributions."""

from __future__ import annotations

import math
import random
from datetime import date

import pytest
from real_hall import SMALL_HALL

from protocol.settings import load_settings
from server.domain.events.apply import empty_hall
from server.domain.forecast.service_times import ServiceTimes, learned_service_times
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.domain.model.learned import DURATIONS_KEPT, Duration, Learned

BASE = load_settings(Catalogue, SMALL_HALL)
YESTERDAY, TODAY = date(2026, 3, 1), date(2026, 3, 2)
THIN = BASE.rules.thin_below


def visits(
    count: int, *, mean_s: float, window: str = "window-1", cv: float = 0.7, day: date = YESTERDAY, seed: int = 1
) -> list[Duration]:
    chance, sigma = random.Random(seed), math.sqrt(math.log(1 + cv**2))
    mu = math.log(mean_s) - sigma**2 / 2
    return [Duration(n, day, window, chance.lognormvariate(mu, sigma)) for n in range(count)]


def hall(**services: list[Duration]) -> Hall:
    durations = {s.replace("_", "-"): tuple(found[-DURATIONS_KEPT:]) for s, found in services.items()}
    made = empty_hall(BASE, learned=Learned(durations=durations))
    return Hall(site=made.site, learned=made.learned, day=TODAY)


def learned(**services: list[Duration]) -> ServiceTimes:
    return learned_service_times(hall(**services))


def test_nothing_is_known_but_what_is_described_and_trusted() -> None:
    times = learned()
    assert times.known == {"id-card", "invoice"}
    assert times.mean_s("id-card") == pytest.approx(480)
    assert times.at("invoice", "window-3").mean_s == pytest.approx(720)


def test_a_service_is_known_from_its_twentieth_visit_on() -> None:
    assert "household" not in learned(household=visits(THIN - 1, mean_s=300)).known
    assert "household" in learned(household=visits(THIN, mean_s=300)).known


def test_a_described_time_fades_while_visits_are_measured() -> None:
    means = [learned(id_card=visits(n, mean_s=240, cv=0.01)).mean_s("id-card") for n in (0, 2, 5, 10, THIN)]
    assert means == sorted(means, reverse=True)
    spread = learned(id_card=visits(THIN, mean_s=240, cv=0.01)).services["id-card"]
    assert math.exp(spread.mu) == pytest.approx(240, rel=0.01), "of the prior mean nothing is left"


@pytest.mark.parametrize("cv", [0.4, 0.7, 0.9])
def test_mean_and_spread_are_found_from_two_hundred_visits(cv: float) -> None:
    found = [learned(household=visits(200, mean_s=600, cv=cv, seed=seed)).services["household"] for seed in range(10)]
    assert sum(f.mean_s for f in found) / 10 == pytest.approx(600, rel=0.08)
    assert sum(f.sigma for f in found) / 10 == pytest.approx(math.sqrt(math.log(1 + cv**2)), rel=0.15)


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
def test_a_clerk_who_forgets_to_press_finish_moves_the_mean_little(share: float) -> None:
    honest = visits(200, mean_s=480)
    forgotten = range(int(share * len(honest)))
    careless = [d._replace(seconds=d.seconds + 5400) if n in forgotten else d for n, d in enumerate(honest)]
    true, estimated = learned(id_card=honest).mean_s("id-card"), learned(id_card=careless).mean_s("id-card")
    plain = sum(d.seconds for d in careless) / len(careless)
    assert estimated / true < 1 + 2.2 * share
    assert estimated < plain


def test_a_visit_that_lasts_over_night_or_no_time_at_all_is_ignored() -> None:
    honest = visits(50, mean_s=480)
    wrong = [Duration(99, YESTERDAY, "window-1", seconds) for seconds in (0.0, 0.4, 60_000.0)]
    assert learned(id_card=[*honest, *wrong]).mean_s("id-card") == pytest.approx(
        learned(id_card=honest).mean_s("id-card"), rel=0.1
    )


@pytest.mark.parametrize("seconds", [4.0, 1.0, 6 * 3600.0])
def test_the_first_visits_do_not_move_a_described_time_when_they_are_no_visits(seconds: float) -> None:
    """A key pressed by mistake twice in the morning, or a finish that was forgotten: one after the other."""
    for count in (1, 2, 3):
        first = [Duration(n, TODAY, "window-1", seconds) for n in range(count)]
        assert learned(id_card=first).mean_s("id-card") == pytest.approx(480, rel=0.05)
    later = [*(Duration(n, TODAY, "window-1", 30.0) for n in range(THIN))]
    assert learned(id_card=later).mean_s("id-card") < 60, "twenty such visits are what the service takes"


def test_a_slow_window_is_known_by_its_visits_and_shrunk_while_there_are_few() -> None:
    quick = visits(100, mean_s=400, window="window-1", cv=0.5)

    def slow(count: int) -> float:
        times = learned(id_card=[*quick, *visits(count, mean_s=800, window="window-2", cv=0.5, seed=2)])
        return times.at("id-card", "window-2").mean_s / times.at("id-card", "window-1").mean_s

    ratios = [slow(count) for count in (0, 4, 20, 100)]
    assert ratios[0] == pytest.approx(1, abs=0.1)
    assert ratios == sorted(ratios)
    assert ratios[1] < 1.4
    assert 1.6 < ratios[3] < 2.1


def test_a_windows_pace_is_carried_over_to_a_service_it_never_did() -> None:
    times = learned(
        id_card=[*visits(90, mean_s=400, cv=0.3), *visits(90, mean_s=600, window="window-2", cv=0.3, seed=2)],
        household=visits(90, mean_s=900, cv=0.3, seed=3),
    )
    assert times.at("household", "window-2").mean_s > 1.15 * times.at("household", "window-1").mean_s


def test_a_slow_day_is_noticed_but_not_believed_at_once() -> None:
    usual = visits(150, mean_s=400, cv=0.5)

    def today(count: int, factor: float) -> float:
        slow = visits(count, mean_s=400 * factor, cv=0.5, day=TODAY, seed=7)
        return math.exp(learned(id_card=[*usual, *[d._replace(seq=1000 + d.seq) for d in slow]]).drift)

    assert today(0, 1.5) == 1.0
    assert 1.0 < today(5, 1.5) < 1.1
    assert 1.1 < today(40, 1.5) < 1.4
    assert today(40, 1.0) == pytest.approx(1.0, abs=0.07)


def test_services_the_site_no_longer_has_teach_nothing() -> None:
    times = learned(gone=visits(50, mean_s=9000), id_card=visits(50, mean_s=400))
    assert set(times.services) == {"id-card", "invoice"}
    assert 300 < times.at("household", "window-1").mean_s < 800, "of a service nobody knows: what is usual here"
