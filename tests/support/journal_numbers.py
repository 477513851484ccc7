"""The numbers issued so far, counted in a journal in memory as the store counts them in its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from protocol import journal as j


class JournalNumbers:
    """Implements ``server.domain.day.business_day.IssuedNumbers``."""

    def __init__(self, journal: Sequence[j.Entry]) -> None:
        self._journal = journal

    def first_since(self, midnight: j.Moment, *, until: j.Moment) -> int | None:
        """See ``IssuedNumbers``."""
        began = max((e.seq for e in self._journal if isinstance(e.fact, j.DayStarted)), default=0)
        later = [e for e in self._journal if e.seq > began and isinstance(e.fact, j.TicketIssued | j.PlaceHeld)]
        return min((e.seq for e in later if _is_between(e.moment, midnight, until)), default=None)

    def counts(self, day: date) -> Mapping[str, int]:
        """See ``IssuedNumbers``."""
        counts: dict[str, int] = {}
        days = self.days()
        for entry in self._journal:
            fact = entry.fact
            if isinstance(fact, j.TicketIssued | j.PlaceHeld) and days[entry.seq] == day:
                counts[fact.letter] = max(counts.get(fact.letter, 0), fact.count)
        return counts

    def days(self) -> dict[int, date]:
        """Return the business day of every number that was issued, by entry."""
        days: dict[int, date] = {}
        today: date | None = None
        for entry in self._journal:
            fact = entry.fact
            if isinstance(fact, j.DayStarted):
                today = fact.day
            elif isinstance(fact, j.DayMoved):
                days |= {seq: fact.day for seq, day in days.items() if seq >= fact.since and day == fact.was}
                today = fact.day if today == fact.was else today
            elif isinstance(fact, j.TicketIssued | j.PlaceHeld) and today is not None:
                days[entry.seq] = today
        return days


def _is_between(moment: j.Moment, midnight: j.Moment, until: j.Moment) -> bool:
    if moment.boot == midnight.boot:
        return moment.mono_s >= midnight.mono_s
    return midnight.at <= moment.at <= until.at
