"""Travel times between sites, and their CSV table.

The rules need only the times. The parser is in this module because it names lines and columns of the same table.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from protocol.faults import WrongValue
from protocol.vocabulary import Identifier

COLUMNS = ("from", "to", "minutes")
LONGEST_MIN = 1440.0
"""Longest travel time that is accepted, minutes."""

_ID: TypeAdapter[str] = TypeAdapter(Identifier)


@dataclass(frozen=True, slots=True)
class Travel:
    """Minutes between sites. A way that is not given takes as long as the way back; without both it is unknown."""

    minutes: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def between(self, start: str, end: str) -> float | None:
        """Return the minutes from one site to another; None when they are unknown."""
        if start == end:
            return 0.0
        return self.minutes.get((start, end), self.minutes.get((end, start)))


def read_travel(lines: Iterable[str]) -> Travel:
    """Return the travel times of a CSV table with the columns ``from,to,minutes``.

    Raises WrongValue naming the line: another header, an unclosed quote, an invalid site id, invalid minutes, a
    duplicate way, a way from a site to itself.
    """
    rows = _rows(lines)
    _, header = next(rows, (1, []))
    if tuple(cell.lstrip("\ufeff") for cell in header) != COLUMNS:
        names = ",".join(COLUMNS)
        raise WrongValue(f"第一行应为 {names}", f"the first line must be {names}")
    minutes: dict[tuple[str, str], float] = {}
    for line, row in rows:
        if not any(row):
            continue
        start, end, length = _way(line, row)
        if (start, end) in minutes:
            raise _wrong(line, f"{start} 到 {end} 重复", f"{start} to {end} stands twice")
        minutes[start, end] = length
    return Travel(minutes)


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows, each with the number of its first line."""
    reader = csv.reader(lines, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            zh, en = "引号没有成对，或一格太长", "a quote that is not closed, or a cell that is too long"
            raise _wrong(line, zh, en) from error
        yield line, [cell.strip() for cell in row]


def _way(line: int, row: list[str]) -> tuple[str, str, float]:
    if len(row) != len(COLUMNS):
        raise _wrong(line, f"应有 {len(COLUMNS)} 列", f"needs {len(COLUMNS)} columns")
    start, end, length = row
    for name in (start, end):
        try:
            _ID.validate_python(name)
        except ValidationError:
            raise _wrong(line, f"{name!r} 不是场所编号", f"{name!r} is not a site's id") from None
    if start == end:
        raise _wrong(line, f"{start} 到自己", f"a way from {start} to itself")
    try:
        minutes = float(length)
    except ValueError:
        minutes = math.nan
    if not 0 <= minutes <= LONGEST_MIN:
        raise _wrong(line, f"分钟数 {length!r} 不对", f"{length!r} are no minutes between 0 and {LONGEST_MIN:.0f}")
    return start, end, minutes


def _wrong(line: int, zh: str, en: str) -> WrongValue:
    return WrongValue(f"第 {line} 行：{zh}", f"line {line}: {en}")
