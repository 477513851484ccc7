from __future__ import annotations

import math
import random
from datetime import date

import pytest

from protocol.vocabulary import Promise
from server.domain.forecast.calibration import LEVELS, LOG_FACTOR_MAX, THIN_BELOW, UNCORRECTED, correction_factors
from server.domain.model.learned import (
    ATTENDANCES_KEPT,
    DURATIONS_KEPT,
    OUTCOMES_KEPT,
    Duration,
    Learned,
    Missed,
    promise_outcome,
)


def promise(p50: float | None, p80: float | None = 20, p90: float | None = 30) -> Promise:
    return Promise(low_min=0, high_min=5, p50_min=p50, p80_min=p80, p90_min=p90)


def missed(levels: int) -> Missed:
    """Return an outcome that missed this number of the three levels, the lowest first."""
    return Missed(p50=levels > 0, p80=levels > 1, p90=levels > 2)


def test_nothing_is_corrected_while_there_are_few_outcomes() -> None:
    assert correction_factors((missed(3),) * (THIN_BELOW - 1)) == UNCORRECTED


def test_promises_that_come_true_as_often_as_stated_stay() -> None:
    kept = [missed(3)] * 20 + [missed(2)] * 20 + [missed(1)] * 60 + [missed(0)] * 100
    assert correction_factors(kept) == pytest.approx(UNCORRECTED)


def test_a_level_missed_too_often_is_stretched_and_one_missed_too_seldom_is_shrunk() -> None:
    p50, p80, p90 = correction_factors([missed(2)] * 30 + [missed(0)] * 60 + [missed(3)] * 10)
    assert p50 < 1 < p80
    assert p90 == pytest.approx(1)


def test_no_level_is_corrected_without_end() -> None:
    worst, best = correction_factors([missed(3)] * 1000), correction_factors([missed(0)] * 1000)
    assert max(worst) == pytest.approx(math.exp(LOG_FACTOR_MAX))
    assert min(best) == pytest.approx(math.exp(-LOG_FACTOR_MAX))


@pytest.mark.parametrize("bias", [0.6, 1.0, 1.5])
def test_promises_of_a_biased_predictor_converge_to_their_levels(bias: float) -> None:
    """A predictor that believes waits to be ``bias`` times as long, with the wrong spread, over 2,000 visitors."""
    chance = random.Random(3)
    learned = Learned()
    held = []
    for visitor in range(2000):
        middle = chance.uniform(5, 60)
        actual = max(0.0, chance.gauss(middle, 0.35 * middle))
        sampled = sorted(max(0.0, chance.gauss(middle * bias, 0.25 * middle * bias)) for _ in range(100))
        raw = [sampled[int(100 * level)] for level in LEVELS]
        promised = [wait * factor for wait, factor in zip(raw, correction_factors(learned.outcomes), strict=True)]
        learned = learned.promised(promise(*promised), waited_s=actual * 60)
        if visitor >= 500:
            held.append([actual <= wait for wait in promised])
    p50, p80, p90 = (sum(level) / len(held) for level in zip(*held, strict=True))
    assert p50 == pytest.approx(0.5, abs=0.1 if bias != 1 else 0.06)
    assert p80 == pytest.approx(0.8, abs=0.08)
    assert p90 == pytest.approx(0.9, abs=0.08)


@pytest.mark.parametrize(
    ("promised", "waited_min", "expected"),
    [
        (promise(10), 5, missed(0)),
        (promise(10), 10.1, missed(1)),
        (promise(10), 25, missed(2)),
        (promise(10), 31, missed(3)),
        (promise(0.4), 31, None),
        (promise(None), 31, None),
    ],
)
def test_an_outcome_names_the_missed_levels_and_at_once_has_none(
    promised: Promise, waited_min: float, expected: Missed | None
) -> None:
    assert promise_outcome(promised, waited_s=waited_min * 60) == expected


def test_only_the_latest_are_kept() -> None:
    learned = Learned()
    for n in range(OUTCOMES_KEPT + 5):
        learned = learned.promised(promise(10), waited_s=60.0 * n).called(came=n % 2 == 0)
        learned = learned.served("a", Duration(n, date(2026, 3, 2), "w", 1.0))
    assert len(learned.outcomes) == OUTCOMES_KEPT
    assert learned.outcomes[0] == missed(0)
    assert len(learned.came) == ATTENDANCES_KEPT
    assert [d.seq for d in learned.durations["a"]] == list(range(OUTCOMES_KEPT + 5 - DURATIONS_KEPT, OUTCOMES_KEPT + 5))
