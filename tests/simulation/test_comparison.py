"""Ratio estimates with their intervals, and the comparison of policies."""

from __future__ import annotations

from math import isnan
from random import Random
from statistics import fmean, stdev

import pytest

from server.simulation.results.comparison import compare, worst_service
from server.simulation.results.day_metrics import quantile
from server.simulation.results.ratio_estimates import Figure, Ratio, estimate_ratio, student_quantile
from server.simulation.results.report import format_figure


@pytest.mark.parametrize(("freedom", "table"), [(4, 2.776), (9, 2.262), (29, 2.045), (1000, 1.962)])
def test_students_quantile_is_that_of_the_tables(freedom: int, table: float) -> None:
    assert student_quantile(freedom) == pytest.approx(table, rel=0.01)


def test_a_mean_of_days_has_the_interval_of_the_textbook() -> None:
    values = [3.0, 5.0, 4.0, 8.0, 6.0]
    found = estimate_ratio([Ratio(v) for v in values])
    half = student_quantile(4) * stdev(values) / 5**0.5
    assert found == Figure(pytest.approx(fmean(values)), pytest.approx(5.2 - half), pytest.approx(5.2 + half))


def test_the_interval_of_a_ratio_covers_the_true_value_as_often_as_stated() -> None:
    chance, holds = Random(1), 0
    for _ in range(1000):
        loads = [chance.gammavariate(10, 0.1) for _ in range(30)]
        found = estimate_ratio([Ratio(2 * x * chance.uniform(0.8, 1.2), x * chance.uniform(0.8, 1.2)) for x in loads])
        holds += found.low <= 2 <= found.high
    assert 925 <= holds <= 975


def test_one_day_has_no_interval_and_no_data_has_no_value() -> None:
    assert isnan(estimate_ratio([Ratio(3)]).low)
    assert format_figure("mean_min", estimate_ratio([Ratio(3)])) == "3.0"
    assert format_figure("sent_worse_off", estimate_ratio([Ratio(0, 0)])) == "–"


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 2.5), (0.9, 3.7), (1, 4)])
def test_a_quantile_lies_between_neighbours(share: float, value: float) -> None:
    assert quantile([1, 2, 3, 4], share) == pytest.approx(value)


def test_policies_are_compared_day_by_day() -> None:
    def parts(*means: float, worst: float) -> list[dict[str, Ratio]]:
        other = Ratio(worst / 2)
        return [
            {"mean_min": Ratio(m * 10, 10), "p90_min": Ratio(m), "p90_min of a": other, "p90_min of b": Ratio(worst)}
            for m in means
        ]

    days = {
        "status_quo": parts(40, 60, worst=90),
        "pooled": parts(20, 40, worst=50),
        "ours": parts(15, 25, worst=55),
        "bound": parts(10, 20, worst=30),
    }
    found = compare(days)["ours"]
    assert found["mean_over_status_quo"].value == pytest.approx(0.4)
    assert found["mean_over_bound"].value == pytest.approx(40 / 30)
    assert found["gap_closed"].value == pytest.approx(60 / 70)
    assert found["worst_service_p90_over_pooled"].value == pytest.approx(1.1)
    assert found["worst_service_p90_min"].value == 55
    assert worst_service(days["ours"]) == "p90_min of b"
