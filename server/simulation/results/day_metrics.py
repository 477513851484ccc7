"""Metrics of one simulated day, by name. The names are those of the JSON report and of the evaluation page."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from server.domain.forecast.forecast import Quantiles
from server.domain.forecast.wait_times import promise_for
from server.domain.model.learned import LATE_MIN, promise_outcome
from server.simulation.engine.visitor_records import VisitorRecord
from server.simulation.results.ratio_estimates import Ratio
from server.simulation.scenario.scenario import Scenario

GOOD_WAIT_MIN = 30.0
"""Limit of the metric ``within_30_min``, minutes."""
SERVICE_P90 = "p90_min of "
"""Prefix of the metrics of single services."""


def day_metrics(scenario: Scenario, records: Sequence[VisitorRecord]) -> dict[str, Ratio]:
    """Return the metrics of one day. A referred visitor who never arrived has no wait."""
    called = [s for s in records if s.wait_min is not None]
    waits = sorted(_wait(s) for s in called)
    limits = {s.id: s.sla_min for s in scenario.services}
    left = [s.left_min for s in called if s.left_min is not None]
    return {
        "tickets": Ratio(len(records)),
        "mean_min": _mean(waits),
        "p50_min": Ratio(quantile(waits, 0.5)),
        "p90_min": Ratio(quantile(waits, 0.9)),
        "p95_min": Ratio(quantile(waits, 0.95)),
        "longest_min": Ratio(waits[-1] if waits else math.nan),
        "within_30_min": _share(called, lambda s: _wait(s) <= GOOD_WAIT_MIN),
        "within_limits": _share(called, lambda s: _wait(s) <= limits[s.visitor.service]),
        "overtime_min": Ratio(max(0.0, max(left, default=0.0) - scenario.close_min)),
        "priority_mean_min": _mean([_wait(s) for s in called if s.visitor.priority]),
        **_referred(records),
        **_promises(called),
        **_services(called),
    }


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of a sorted sequence by linear interpolation; NaN of an empty one.

    The smallest value is the 0 % and the largest the 100 % quantile (type 7 of Hyndman and Fan), the default of the
    programs whose figures these are compared with.
    """
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _referred(records: Sequence[VisitorRecord]) -> dict[str, Ratio]:
    """Return the metrics of referred visitors.

    A missed promise is measured against the exact quote of the offer, which is a little stricter than the product: that
    measures against the end of the promised range, which is rounded outward.
    """
    referred = [s for s in records if s.referral is not None]
    arrived = [(s.referral, _wait(s)) for s in referred if s.referral is not None and s.wait_min is not None]
    return {
        "sent_share": Ratio(len(referred), len(records)),
        "sent_worse_off": Ratio(sum(wait > quote.here_min for quote, wait in arrived), len(arrived)),
        "sent_promise_missed": Ratio(sum(wait > quote.there_min + LATE_MIN for quote, wait in arrived), len(arrived)),
    }


def _promises(called: Sequence[VisitorRecord]) -> dict[str, Ratio]:
    """Return the accuracy of the promises to visitors who were not referred.

    Coverage of the levels is measured as the product measures it: only of promises that are longer than "at once".
    """
    kept = [(s.promise, _wait(s)) for s in called if s.promise is not None and s.referral is None]
    both = [(s.promise, s.floor, _wait(s)) for s in called if s.promise and s.floor and s.referral is None]
    known = [o for p, wait in kept if (o := promise_outcome(promise_for(p), waited_s=wait * 60)) is not None]
    return {
        "promise_mae_min": Ratio(sum(_missed(p, wait) for p, wait in kept), len(kept)),
        "promise_mae_over_floor": Ratio(
            sum(_missed(p, wait) for p, _, wait in both), sum(_missed(floor, wait) for _, floor, wait in both)
        ),
        "p50_holds": Ratio(sum(not o.p50 for o in known), len(known)),
        "p80_holds": Ratio(sum(not o.p80 for o in known), len(known)),
        "p90_holds": Ratio(sum(not o.p90 for o in known), len(known)),
    }


def _services(called: Sequence[VisitorRecord]) -> dict[str, Ratio]:
    waits: Mapping[str, list[float]] = defaultdict(list)
    for record in called:
        waits[record.visitor.service].append(_wait(record))
    return {SERVICE_P90 + name: Ratio(quantile(sorted(values), 0.9)) for name, values in waits.items()}


def _wait(record: VisitorRecord) -> float:
    return math.nan if record.wait_min is None else record.wait_min


def _missed(promise: Quantiles, wait: float) -> float:
    return abs(promise.p50_min - wait)


def _mean(values: Sequence[float]) -> Ratio:
    return Ratio(sum(values), len(values))


def _share(records: Iterable[VisitorRecord], holds: Callable[[VisitorRecord], bool]) -> Ratio:
    outcomes = [holds(s) for s in records]
    return Ratio(sum(outcomes), len(outcomes))
