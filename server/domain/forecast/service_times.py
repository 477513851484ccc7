"""How long visits take: a lognormal for each service at each window, learned from what was measured.

The logarithm of a serving time is the service's mean, plus what is particular to the window, plus what is particular to
the two together; each effect is shrunk towards nothing while there is little to learn it from (an additive model with
random effects). What a clerk forgot to finish, or finished at once, does not count: values far from the service's
median are ignored and the others are pulled in (Huber's estimator, one step). A service nobody measured enough has its
described time as a prior. Today's visits may all be slower or faster than usual: that drift is shrunk too, since a
moving average that is believed at once costs more on ordinary days than it gains on slow ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile
from statistics import fmean, median

from server.domain.model.catalogue import Service
from server.domain.model.hall import Hall
from server.domain.model.learned import Duration

PRIOR_SIGMA = math.sqrt(math.log(1 + 0.7**2))
"""Spread of the logarithm where nothing is measured: municipal services have a variation of 0.6 to 0.9."""
SIGMA_WEIGHT = 20
"""The prior spread counts as so many visits."""
PRIOR_VISITS = 5
"""A described time counts as so many visits while there are none; as none when there are enough."""
WINDOW_WEIGHT = 25
"""So many visits at a window are believed half: clerks differ by about an eighth."""
PAIR_WEIGHT = 60
"""The same for one service at one window."""
DRIFT_WEIGHT = 40
"""The same for today against other days, of the latest ``DRIFT_VISITS``."""
DRIFT_VISITS = 60
PULLED_IN = 1.5
"""Values further from the median than so many spreads are taken to be so far."""
IGNORED = 4.0
"""Values further away are no serving times: somebody forgot to press."""
NARROWEST, WIDEST = 0.25, 1.2
"""Bounds of a measured spread."""
TYPICAL_S = 8 * 60.0
"""Where nothing at all is known."""
MAD_TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation, of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A serving time in seconds: mean and spread of its logarithm."""

    mu: float
    sigma: float

    @property
    def mean_s(self) -> float:
        """The expected serving time."""
        return math.exp(self.mu + self.sigma**2 / 2)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was measured of one service: the logarithms that count, by window, and their spread."""

    count: int
    kept: tuple[tuple[Duration, float], ...]
    sigma: float
    by_window: tuple[tuple[str, int, float], ...]
    """Window, how many, mean logarithm."""


@dataclass(frozen=True)
class ServiceTimes:
    """What a site knows of its serving times."""

    known: frozenset[str]
    """Services of which enough is known to promise a wait."""
    services: Mapping[str, Lognormal]
    windows: Mapping[str, float]
    """What is particular to a window, as a shift of the logarithm."""
    pairs: Mapping[tuple[str, str], float]
    """The same for a service at a window, on top of it."""
    drift: float
    """How today differs from the days the rest was learned from."""

    def at(self, service: str, window: str) -> Lognormal:
        """Return the serving time of a service at a window, today."""
        usual = self.services.get(service, self._typical)
        shift = self.windows.get(window, 0.0) + self.pairs.get((service, window), 0.0) + self.drift
        return Lognormal(usual.mu + shift, usual.sigma)

    def mean_s(self, service: str) -> float:
        """Return the expected serving time of a service at no window in particular, today."""
        usual = self.services.get(service, self._typical)
        return Lognormal(usual.mu + self.drift, usual.sigma).mean_s

    @cached_property
    def _typical(self) -> Lognormal:
        mus = [s.mu for s in self.services.values()]
        return Lognormal(fmean(mus) if mus else math.log(TYPICAL_S) - PRIOR_SIGMA**2 / 2, PRIOR_SIGMA)


def learned_service_times(hall: Hall) -> ServiceTimes:
    """Return what the hall knows of its serving times."""
    thin = hall.site.catalogue.rules.thin_below
    seen = {s: _seen(d) for s, d in hall.learned.durations.items() if s in hall.site.services and d}
    priors = {s.id: _prior(s, seen.get(s.id), thin=thin) for s in hall.site.catalogue.services}
    mus, windows, pairs = _effects(seen, priors)
    services = {s: Lognormal(mu, seen[s].sigma if s in seen else PRIOR_SIGMA) for s, mu in mus.items()}
    return ServiceTimes(
        known=frozenset(
            s.id
            for s in hall.site.catalogue.services
            if (s.id in seen and seen[s.id].count >= thin) or (s.expected_min is not None and s.trust_expected)
        ),
        services=services,
        windows=windows,
        pairs=pairs,
        drift=_drift(hall, seen, mus, windows, pairs),
    )


@lru_cache(maxsize=512)
def _seen(durations: tuple[Duration, ...]) -> _Seen:
    """Return what counts of a service's measured times."""
    logs = [math.log(max(d.seconds, 1.0)) for d in durations]
    middle = median(logs)
    measured = min(max(median(abs(x - middle) for x in logs) * MAD_TO_SIGMA, NARROWEST), WIDEST)
    sigma = math.sqrt((len(logs) * measured**2 + SIGMA_WEIGHT * PRIOR_SIGMA**2) / (len(logs) + SIGMA_WEIGHT))
    near, far = PULLED_IN * sigma, IGNORED * sigma
    kept = tuple(
        (d, middle + min(max(x - middle, -near), near))
        for d, x in zip(durations, logs, strict=True)
        if abs(x - middle) <= far
    )
    by_window: dict[str, list[float]] = defaultdict(list)
    for duration, x in kept:
        by_window[duration.window].append(x)
    return _Seen(len(durations), kept, sigma, tuple((w, len(xs), fmean(xs)) for w, xs in by_window.items()))


def _prior(service: Service, seen: _Seen | None, *, thin: int) -> tuple[float, float]:
    """Return the described time as a mean logarithm, and as how many visits it counts."""
    if service.expected_min is None:
        return (0.0, 0.0)
    missing = max(0.0, 1 - (seen.count if seen else 0) / thin)
    return (math.log(service.expected_min * 60) - PRIOR_SIGMA**2 / 2, PRIOR_VISITS * missing)


def _effects(
    seen: Mapping[str, _Seen], priors: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, float], dict[str, float], dict[tuple[str, str], float]]:
    """Return the means of services, the effects of windows and of pairs, each fitted to what the others leave."""
    windows: dict[str, float] = {}
    mus: dict[str, float] = {}
    for _ in range(3):
        mus = dict(_means(seen, priors, windows))
        left: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for service, measured in seen.items():
            for window, count, mean in measured.by_window:
                left[window][0] += count
                left[window][1] += count * (mean - mus[service])
        windows = {w: total / (count + WINDOW_WEIGHT) for w, (count, total) in left.items()}
    pairs = {
        (service, window): count / (count + PAIR_WEIGHT) * (mean - mus[service] - windows[window])
        for service, measured in seen.items()
        for window, count, mean in measured.by_window
    }
    return mus, windows, pairs


def _means(
    seen: Mapping[str, _Seen], priors: Mapping[str, tuple[float, float]], windows: Mapping[str, float]
) -> Iterator[tuple[str, float]]:
    for service, (prior, weight) in priors.items():
        measured = seen[service].by_window if service in seen else ()
        count = weight + sum(n for _, n, _ in measured)
        if count:
            total = weight * prior + sum(n * (mean - windows.get(w, 0.0)) for w, n, mean in measured)
            yield service, total / count


def _drift(
    hall: Hall,
    seen: Mapping[str, _Seen],
    mus: Mapping[str, float],
    windows: Mapping[str, float],
    pairs: Mapping[tuple[str, str], float],
) -> float:
    """Return how far the latest visits of today are from what is usual, shrunk."""
    today = [
        (duration.seq, x - mus[s] - windows[duration.window] - pairs[s, duration.window])
        for s, measured in seen.items()
        for duration, x in takewhile(lambda kept: kept[0].day == hall.day, reversed(measured.kept))
    ]
    latest = [x for _, x in sorted(today)[-DRIFT_VISITS:]]
    return sum(latest) / (len(latest) + DRIFT_WEIGHT)
