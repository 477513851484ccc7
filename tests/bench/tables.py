"""A line of the table, and the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from unicodedata import east_asian_width

from percentiles import percentile


@dataclass(frozen=True, kw_only=True)
class Line:
    """One measurement against its floor (a reference from the same run) or against a fixed aim.

    ``aim`` bounds the ratio where there is a floor, and ``ours`` where there is none;
    without it the figure is only listed.
    """

    name: str
    ours: float
    unit: str
    aim: float | None = None
    floor: float | None = None
    paired: float | None = None
    """The median of the rounds' own ratios, where both were measured by turns."""

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        if self.paired is not None:
            return self.paired
        return None if self.floor is None else self.ours / self.floor

    @property
    def verdict(self) -> str:
        """Whether the aim is met; empty without an aim."""
        if self.aim is None:
            return ""
        return "met" if (self.ours if self.ratio is None else self.ratio) <= self.aim else "**missed**"

    def cells(self) -> tuple[str, ...]:
        """Return the line as text."""
        ratio = self.ratio
        return (
            self.name,
            "–" if self.floor is None else f"{_figure(self.floor)} {self.unit}",
            f"{_figure(self.ours)} {self.unit}",
            "–" if ratio is None else f"{ratio:.2f}×",
            "–" if self.aim is None else f"≤ {self.aim:g}{f' {self.unit}' if ratio is None else '×'}",
            self.verdict,
        )


HEAD = ("line", "floor", "ours", "ratio", "aim", "")


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a Markdown table with straight columns."""
    rows = [HEAD, *(line.cells() for line in lines)]
    widths = [max(_width(row[i]) for row in rows) for i in range(len(HEAD))]
    text = [
        "| " + " | ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    text.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(text)


@dataclass(frozen=True)
class Spread:
    """The seconds of several rounds, as the median over the rounds of each round's percentiles."""

    rounds: Sequence[Sequence[float]]

    def ms(self, share: float) -> float:
        """Return a percentile in milliseconds."""
        return median(percentile(r, share) for r in self.rounds) * 1000

    def times(self, floor: Spread, share: float) -> float:
        """Return how many times a floor's percentile this one's is, as the median over the rounds."""
        both = zip(self.rounds, floor.rounds, strict=True)
        return median(percentile(ours, share) / percentile(floors, share) for ours, floors in both)


def against(name: str, floor: Spread, ours: Spread, *, aim: float | None) -> list[Line]:
    """Return the p50 and p99 lines of something measured by turns with its floor."""
    return [
        Line(
            name=f"{name}, {words}",
            floor=floor.ms(share),
            ours=ours.ms(share),
            paired=ours.times(floor, share),
            aim=aim,
            unit="ms",
        )
        for words, share in (("p50", 0.5), ("p99", 0.99))
    ]


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
