"""Sizes of a campaign, and its findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from percentiles import percentile


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much of each kind of load a campaign makes."""

    kiosks: int
    tickets_per_kiosk: int
    windows: int
    calls_per_window: int
    long_queue: int
    """Tickets that wait while nobody calls."""
    kills: int
    broker_phase_s: float
    """Time for which the broker is up, dead and frozen, seconds each."""
    repeated_commands: int
    county_seeds: int
    """Number of random sequences of faults in the county, and number of faults in each."""
    county_faults: int
    backlog: int
    """Journal entries that a site writes while its cable is cut."""
    paper_step: int
    """Interval of the bytes at which a printer gets into trouble."""
    files_step: int
    """Interval of the cases of damaged files that are tried."""
    flood_s: float
    """Duration of each flood, seconds."""
    clock_moves: int
    """Number of moves of a clock, one after the other, of which every sequence is tried."""
    clock_hubs: int
    """Number of real hubs whose clock is moved."""
    voice_windows: int
    """Number of windows that call at once while the hall's voice speaks."""
    voice_calls: int
    """Number of calls after that, at the pace of a busy hall."""
    patience: float
    """Factor of all time limits: beside other work a machine is slower."""


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
    county_faults=40,
    backlog=10_000,
    paper_step=1,
    clock_moves=2,
    clock_hubs=6,
    files_step=1,
    flood_s=30,
    voice_windows=12,
    voice_calls=120,
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
    county_faults=7,
    backlog=600,
    paper_step=131,
    clock_moves=1,
    clock_hubs=2,
    files_step=149,
    flood_s=0.6,
    voice_windows=4,
    voice_calls=3,
    patience=5,
)


@dataclass(kw_only=True)
class Finding:
    """One claim with its figures; it holds when there is no reason against it."""

    claim: str
    figures: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether there is no reason against the claim."""
        return not self.against

    def none(self, count: int, what: str) -> None:
        """Record a count that must be zero."""
        self.figures.append(f"{count} {what}")
        if count:
            self.against.append(f"{count} {what}, must be 0")

    def equal(self, found: object, expected: object, what: str) -> None:
        """Record a value that must be as expected; it appears in the report only when it is not."""
        if found != expected:
            self.against.append(f"{what}: {found!r}, must be {expected!r}")

    def at_most(self, found: float, limit: float, what: str, *, unit: str = "s") -> None:
        """Record a measure with its limit."""
        self.figures.append(f"{what} {found:.3g} {unit} (≤ {limit:g})")
        if found > limit:
            self.against.append(f"{what} {found:.3g} {unit} > {limit:g} {unit}")

    def report(self, figure: str) -> None:
        """Record a figure without a limit."""
        self.figures.append(figure)

    def __str__(self) -> str:
        head = f"{'HOLDS' if self.holds else 'FAILS'}  {self.claim}: {'; '.join(self.figures)}"
        return "\n".join([head, *(f"       against it: {reason}" for reason in self.against)])


def spread(seconds: Sequence[float]) -> str:
    """Return p50 and p99 in milliseconds, as people read them."""
    return f"p50 {percentile(seconds, 0.5) * 1000:.1f} ms, p99 {percentile(seconds, 0.99) * 1000:.1f} ms"
