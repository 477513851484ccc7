"""What a day was like: each figure's part in it, by name."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from server.domain.forecast.forecast import Quantiles
from server.domain.forecast.wait_times import promise_for
from server.domain.model.learned import LATE_MIN, outcome
from server.simulation.engine.visitor_records import VisitorRecord
from server.simulation.results.ratio_estimates import Ratio
from server.simulation.scenario.scenario import Scenario

GOOD_WAIT_MIN = 30.0
SERVICE_P90 = "p90_min of "
"""Figures of single services begin so."""


def day_metrics(scenario: Scenario, stories: Sequence[VisitorRecord]) -> dict[str, Ratio]:
    """Return each figure's part in one day. A visitor who was sent and never arrived has no wait."""
    called = [s for s in stories if s.wait_min is not None]
    waits = sorted(_wait(s) for s in called)
    limits = {s.id: s.sla_min for s in scenario.services}
    left = [s.left_min for s in called if s.left_min is not None]
    return {
        "tickets": Ratio(len(stories)),
        "mean_min": _mean(waits),
        "p50_min": Ratio(quantile(waits, 0.5)),
        "p90_min": Ratio(quantile(waits, 0.9)),
        "p95_min": Ratio(quantile(waits, 0.95)),
        "longest_min": Ratio(waits[-1] if waits else math.nan),
        "within_30_min": _share(called, lambda s: _wait(s) <= GOOD_WAIT_MIN),
        "within_limits": _share(called, lambda s: _wait(s) <= limits[s.visitor.service]),
        "overtime_min": Ratio(max(0.0, max(left, default=0.0) - scenario.close_min)),
        "priority_mean_min": _mean([_wait(s) for s in called if s.visitor.priority]),
        **_sent(stories),
        **_promises(called),
        **_services(called),
    }


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value that this share of a sorted sequence stays under, between neighbours by proportion.

    The smallest is the 0 % and the largest the 100 % quantile (type 7 of Hyndman and Fan), as most programs have it
    that figures of simulations are compared with.
    """
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _sent(stories: Sequence[VisitorRecord]) -> dict[str, Ratio]:
    """Return how it went for those who were sent.

    Late is judged against the quote by which the offer was made. It is a little stricter than what the product counts:
    that is the end of the range as the visitor was told it, rounded outward.
    """
    sent = [s for s in stories if s.sending is not None]
    arrived = [(s.sending, _wait(s)) for s in sent if s.sending is not None and s.wait_min is not None]
    return {
        "sent_share": Ratio(len(sent), len(stories)),
        "sent_worse_off": Ratio(sum(wait > told.here_min for told, wait in arrived), len(arrived)),
        "sent_promise_missed": Ratio(sum(wait > told.there_min + LATE_MIN for told, wait in arrived), len(arrived)),
    }


def _promises(called: Sequence[VisitorRecord]) -> dict[str, Ratio]:
    """Return how good the promises were of those who stayed where they took their number.

    Whether a level holds is asked as the product asks it: of promises that say more than "at once".
    """
    kept = [(s.promise, _wait(s)) for s in called if s.promise is not None and s.sending is None]
    both = [(s.promise, s.floor, _wait(s)) for s in called if s.promise and s.floor and s.sending is None]
    known = [o for p, wait in kept if (o := outcome(promise_for(p), waited_s=wait * 60)) is not None]
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
    for story in called:
        waits[story.visitor.service].append(_wait(story))
    return {SERVICE_P90 + name: Ratio(quantile(sorted(values), 0.9)) for name, values in waits.items()}


def _wait(story: VisitorRecord) -> float:
    return math.nan if story.wait_min is None else story.wait_min


def _missed(promise: Quantiles, wait: float) -> float:
    return abs(promise.p50_min - wait)


def _mean(values: Sequence[float]) -> Ratio:
    return Ratio(sum(values), len(values))


def _share(stories: Iterable[VisitorRecord], true_of: Callable[[VisitorRecord], bool]) -> Ratio:
    told = [true_of(s) for s in stories]
    return Ratio(sum(told), len(told))
