"""What a campaign claims, and what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much of everything a campaign does."""

    kiosks: int
    tickets_per_kiosk: int
    windows: int
    calls_per_window: int
    long_queue: int
    """Tickets that wait while nobody calls."""
    kills: int
    broker_phase_s: float
    """How long the broker is well, dead and frozen."""
    repeated_commands: int
    county_seeds: int
    """How many courses of trouble the county goes through, and how many troubles each has."""
    county_troubles: int
    backlog: int
    """Journal entries that a site writes while its cable is cut."""
    patience: float
    """A limit of time is so many times as long: beside other work, little of it tells what a machine can do."""


LONG = Sizes(
    kiosks=8,
    tickets_per_kiosk=10_000,
    windows=12,
    calls_per_window=10_000,
    long_queue=20_000,
    kills=300,
    broker_phase_s=30,
    repeated_commands=5_000,
    county_seeds=20,
    county_troubles=40,
    backlog=10_000,
    patience=1,
)
SHORT = Sizes(
    kiosks=8,
    tickets_per_kiosk=100,
    windows=12,
    calls_per_window=60,
    long_queue=1_000,
    kills=5,
    broker_phase_s=2,
    repeated_commands=200,
    county_seeds=1,
    county_troubles=7,
    backlog=600,
    patience=5,
)


@dataclass(kw_only=True)
class Finding:
    """One claim with its figures; it holds when nothing speaks against it."""

    claim: str
    figures: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found against the claim."""
        return not self.against

    def none(self, count: int, what: str) -> None:
        """Write down a count that must be zero."""
        self.figures.append(f"{count} {what}")
        if count:
            self.against.append(f"{count} {what}, must be 0")

    def equal(self, found: object, expected: object, what: str) -> None:
        """Write down something that must be as expected; it is told only when it is not."""
        if found != expected:
            self.against.append(f"{what}: {found!r}, must be {expected!r}")

    def at_most(self, found: float, limit: float, what: str, *, unit: str = "s") -> None:
        """Write down a measure with its limit."""
        self.figures.append(f"{what} {found:.3g} {unit} (≤ {limit:g})")
        if found > limit:
            self.against.append(f"{what} {found:.3g} {unit} > {limit:g} {unit}")

    def report(self, figure: str) -> None:
        """Write down a figure that proves nothing but is good to know."""
        self.figures.append(figure)

    def __str__(self) -> str:
        head = f"{'HOLDS' if self.holds else 'FAILS'}  {self.claim}: {'; '.join(self.figures)}"
        return "\n".join([head, *(f"       against it: {reason}" for reason in self.against)])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(seconds: Sequence[float]) -> str:
    """Return p50 and p99 in milliseconds, as people read them."""
    return f"p50 {percentile(seconds, 0.5) * 1000:.1f} ms, p99 {percentile(seconds, 0.99) * 1000:.1f} ms"
