"""An audit of a hub's journal: read straight from the database, with nothing of the hub's own code."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: its number, kind, request and fact."""

    seq: int
    kind: str
    request_id: str | None
    fact: dict[str, Any]


class Journal:
    """The whole journal of a site."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = list(lines)

    @classmethod
    def of(cls, database: Path) -> Journal:
        """Read a hub's database, also while the hub runs."""
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            rows = connection.execute("SELECT seq, kind, request_id, fact FROM journal ORDER BY seq").fetchall()
        finally:
            connection.close()
        return cls(Line(seq, kind, request_id, json.loads(fact)) for seq, kind, request_id, fact in rows)

    def of_kind(self, kind: str) -> list[Line]:
        """Return the entries of one kind."""
        return self._kinds[kind]

    @cached_property
    def _kinds(self) -> dict[str, list[Line]]:
        kinds: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            kinds[line.kind].append(line)
        return kinds

    def missing_lines(self) -> int:
        """Return how many entry numbers are missing between the first and the last."""
        return self.lines[-1].seq - len(self.lines) if self.lines else 0

    def numbers(self) -> Counter[tuple[int, str]]:
        """Return how often each number was issued, by business day (counted from 1) and number."""
        day, issued = 0, Counter[tuple[int, str]]()
        for line in self.lines:
            if line.kind == "day_started":
                day += 1
            elif line.kind == "ticket_issued":
                issued[day, line.fact["number"]] += 1
        return issued

    def gaps(self) -> int:
        """Return how many numbers were left out: each letter counts 1, 2, 3, … every day."""
        day, counts, left_out = 0, dict[tuple[int, str], int](), 0
        for line in self.lines:
            if line.kind == "day_started":
                day += 1
            elif line.kind == "ticket_issued":
                key = (day, line.fact["letter"])
                left_out += abs(line.fact["count"] - counts.get(key, 0) - 1)
                counts[key] = line.fact["count"]
        return left_out

    def tickets_called_to_two_windows(self) -> int:
        """Return how many tickets were called more than once, or called while at another window."""
        calls = Counter(line.fact["ticket"] for line in self.of_kind("ticket_called"))
        back = Counter(
            line.fact["ticket"] for kind in ("ticket_returned", "ticket_transferred") for line in self.of_kind(kind)
        )
        return sum(count > 1 + back[ticket] for ticket, count in calls.items())

    def done_twice(self) -> int:
        """Return how many requests left the same kind of entry twice."""
        entries = Counter((line.request_id, line.kind) for line in self.lines if line.request_id is not None)
        return sum(count > 1 for count in entries.values())
