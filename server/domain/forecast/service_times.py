"""Serving times: a lognormal distribution for each service at each window, estimated from measured visits.

The logarithm of a serving time is the service's mean plus an effect of the window plus an effect of the pair; each
effect is shrunk towards zero while there is little data (an additive model with random effects). Visits that a clerk
forgot to finish, or finished at once, are outliers: values far from the service's median are ignored and the others
are winsorised (Huber's estimator, one step). A service with too few measurements has its described time as a prior.
Today's visits may all be slower or faster than usual. That drift is shrunk too: an unshrunk moving average costs more
accuracy on ordinary days than it gains on slow ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile
from statistics import fmean, median

from protocol.vocabulary import ServiceId, WindowId
from server.domain.model.catalogue import Service
from server.domain.model.hall import Hall
from server.domain.model.learned import Duration

PRIOR_SIGMA = math.sqrt(math.log(1 + 0.7**2))
"""Prior standard deviation of the logarithm; municipal services have a coefficient of variation of 0.6 to 0.9."""
SIGMA_WEIGHT = 20
"""Weight of the prior standard deviation, visits."""
PRIOR_VISITS = 5
"""Weight of a described serving time while nothing is measured, visits; it falls to zero as measurements come."""
WINDOW_WEIGHT = 25
"""Number of visits at which a window's effect is shrunk by half; clerks differ by about an eighth."""
PAIR_WEIGHT = 60
"""Number of visits at which the effect of a service at a window is shrunk by half."""
DRIFT_WEIGHT = 40
"""Number of today's visits at which the drift of today against other days is shrunk by half."""
DRIFT_VISITS = 60
"""Number of today's latest visits that the drift is estimated from."""
WINSORISING_BOUND = 1.5
"""Winsorising bound, in standard deviations from the median: values further away are moved to it."""
OUTLIER_BOUND = 4.0
"""Outlier bound, in standard deviations from the median: a value beyond it comes from a forgotten press."""
SIGMA_MIN, SIGMA_MAX = 0.25, 1.2
"""Bounds of a measured standard deviation of the logarithm."""
TYPICAL_S = 8 * 60.0
"""Mean serving time where nothing at all is known, seconds."""
MAD_TO_SIGMA = 1.4826
"""Ratio of standard deviation to median absolute deviation of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Distribution of a serving time in seconds: mean and standard deviation of its logarithm."""

    mu: float
    sigma: float

    @property
    def mean_s(self) -> float:
        """The expected serving time."""
        return math.exp(self.mu + self.sigma**2 / 2)

    @property
    def mode_s(self) -> float:
        """The most likely serving time."""
        return math.exp(self.mu - self.sigma**2)

    def density(self, seconds: float) -> float:
        """Return the probability density at a time above 0, per second."""
        distance = (math.log(seconds) - self.mu) / self.sigma
        return math.exp(-(distance**2) / 2) / (seconds * self.sigma * math.sqrt(2 * math.pi))


TYPICAL = Lognormal(math.log(TYPICAL_S) - PRIOR_SIGMA**2 / 2, PRIOR_SIGMA)
"""Serving time where nothing at all is known."""


@dataclass(frozen=True, slots=True)
class _Summary:
    """Robust summary of one service's measured serving times, in logarithms."""

    count: int
    kept: tuple[tuple[Duration, float], ...]
    sigma: float
    by_window: tuple[tuple[WindowId, int, float], ...]
    """Window, number of visits, mean logarithm."""


@dataclass(frozen=True)
class ServiceTimes:
    """A site's model of its serving times. Effects are shifts of the logarithm."""

    known: frozenset[ServiceId]
    """Services with enough measurements to promise a wait."""
    services: Mapping[ServiceId, Lognormal]
    windows: Mapping[WindowId, float]
    """Effect of a window, on all services."""
    pairs: Mapping[tuple[ServiceId, WindowId], float]
    """Further effect of (service, window)."""
    drift: float
    """Effect of today against the days that the rest was learned from."""

    def at(self, service: ServiceId, window: WindowId) -> Lognormal:
        """Return the distribution of a service's serving time at a window, today."""
        usual = self.services.get(service, self._typical)
        shift = self.windows.get(window, 0.0) + self.pairs.get((service, window), 0.0) + self.drift
        return Lognormal(usual.mu + shift, usual.sigma)

    def mean_s(self, service: ServiceId) -> float:
        """Return the expected serving time of a service at an average window today, seconds."""
        usual = self.services.get(service, self._typical)
        return Lognormal(usual.mu + self.drift, usual.sigma).mean_s

    @cached_property
    def _typical(self) -> Lognormal:
        mus = [s.mu for s in self.services.values()]
        return Lognormal(fmean(mus), PRIOR_SIGMA) if mus else TYPICAL


def learned_service_times(hall: Hall) -> ServiceTimes:
    """Return the model of serving times that a hall's measured visits support."""
    thin = hall.site.catalogue.rules.thin_below
    measured = {s: d for s, d in hall.learned.durations.items() if s in hall.site.services and d}
    priors = {s.id: _prior(s, len(measured.get(s.id, ())), thin=thin) for s in hall.site.catalogue.services}
    summaries = {s: _summarise(d, *priors[s]) for s, d in measured.items()}
    mus, windows, pairs = _effects(summaries, priors)
    services = {s: Lognormal(mu, summaries[s].sigma if s in summaries else PRIOR_SIGMA) for s, mu in mus.items()}
    return ServiceTimes(
        known=frozenset(
            s.id
            for s in hall.site.catalogue.services
            if (s.id in summaries and summaries[s.id].count >= thin)
            or (s.expected_min is not None and s.trust_expected)
        ),
        services=services,
        windows=windows,
        pairs=pairs,
        drift=_drift(hall, summaries, mus, windows, pairs),
    )


def usual_time(hall: Hall, service: ServiceId) -> Lognormal:
    """Return the serving time of a service, whatever the window: from its measured visits and its described time."""
    durations = hall.learned.durations.get(service, ())
    catalogue_service = hall.site.services.get(service)
    prior = (
        _prior(catalogue_service, len(durations), thin=hall.site.catalogue.rules.thin_below)
        if catalogue_service
        else (0.0, 0.0)
    )
    summary = _summarise(durations, *prior) if durations else None
    means = dict(_means({service: summary} if summary else {}, {service: prior}, {}))
    return Lognormal(means.get(service, TYPICAL.mu), summary.sigma if summary else PRIOR_SIGMA)


@lru_cache(maxsize=512)
def _summarise(durations: tuple[Duration, ...], prior: float, weight: float) -> _Summary:
    """Return the robust summary of a service's measured times; the described time counts as ``weight`` visits.

    Without it the first visits would be the median, however far they are from what the service takes.
    """
    logs = [math.log(max(d.seconds, 1.0)) for d in durations]
    expected = [*logs, *[prior] * round(weight)]
    middle = median(expected)
    spread = min(max(median(abs(x - middle) for x in expected) * MAD_TO_SIGMA, SIGMA_MIN), SIGMA_MAX)
    sigma = math.sqrt((len(logs) * spread**2 + SIGMA_WEIGHT * PRIOR_SIGMA**2) / (len(logs) + SIGMA_WEIGHT))
    near, far = WINSORISING_BOUND * sigma, OUTLIER_BOUND * sigma
    kept = tuple(
        (d, middle + min(max(x - middle, -near), near))
        for d, x in zip(durations, logs, strict=True)
        if abs(x - middle) <= far
    )
    by_window: dict[WindowId, list[float]] = defaultdict(list)
    for duration, x in kept:
        by_window[duration.window].append(x)
    return _Summary(len(durations), kept, sigma, tuple((w, len(xs), fmean(xs)) for w, xs in by_window.items()))


def _prior(service: Service, measured: int, *, thin: int) -> tuple[float, float]:
    """Return the prior from the described time: (mean logarithm, weight in visits), after so many measured ones."""
    if service.expected_min is None:
        return (0.0, 0.0)
    missing = max(0.0, 1 - measured / thin)
    return (math.log(service.expected_min * 60) - PRIOR_SIGMA**2 / 2, PRIOR_VISITS * missing)


def _effects(
    summaries: Mapping[ServiceId, _Summary], priors: Mapping[ServiceId, tuple[float, float]]
) -> tuple[dict[ServiceId, float], dict[WindowId, float], dict[tuple[ServiceId, WindowId], float]]:
    """Return the means of services and the effects of windows and pairs, fitted by backfitting."""
    windows: dict[WindowId, float] = {}
    mus: dict[ServiceId, float] = {}
    for _ in range(3):
        mus = dict(_means(summaries, priors, windows))
        residuals: dict[WindowId, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for service, summary in summaries.items():
            for window, count, mean in summary.by_window:
                residuals[window][0] += count
                residuals[window][1] += count * (mean - mus[service])
        windows = {w: total / (count + WINDOW_WEIGHT) for w, (count, total) in residuals.items()}
    pairs = {
        (service, window): count / (count + PAIR_WEIGHT) * (mean - mus[service] - windows[window])
        for service, summary in summaries.items()
        for window, count, mean in summary.by_window
    }
    return mus, windows, pairs


def _means(
    summaries: Mapping[ServiceId, _Summary],
    priors: Mapping[ServiceId, tuple[float, float]],
    windows: Mapping[WindowId, float],
) -> Iterator[tuple[ServiceId, float]]:
    for service, (prior, weight) in priors.items():
        by_window = summaries[service].by_window if service in summaries else ()
        count = weight + sum(n for _, n, _ in by_window)
        if count:
            total = weight * prior + sum(n * (mean - windows.get(w, 0.0)) for w, n, mean in by_window)
            yield service, total / count


def _drift(
    hall: Hall,
    summaries: Mapping[ServiceId, _Summary],
    mus: Mapping[ServiceId, float],
    windows: Mapping[WindowId, float],
    pairs: Mapping[tuple[ServiceId, WindowId], float],
) -> float:
    """Return the shrunk mean residual of today's latest visits."""
    today = [
        (duration.seq, x - mus[s] - windows[duration.window] - pairs[s, duration.window])
        for s, summary in summaries.items()
        for duration, x in takewhile(lambda kept: kept[0].day == hall.day, reversed(summary.kept))
    ]
    latest = [x for _, x in sorted(today)[-DRIFT_VISITS:]]
    return sum(latest) / (len(latest) + DRIFT_WEIGHT)
