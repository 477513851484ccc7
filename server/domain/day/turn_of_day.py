"""A moment seen as a turn of the business day: which date it is, and who took a number before that date began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from protocol import journal as j
from protocol.vocabulary import TicketState
from server.domain.model import opening_hours
from server.domain.model.hall import Hall
from server.domain.model.tickets import Ticket
from server.domain.referrals import referral_destination

LEFT_OVER = frozenset(
    {TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.PARKED, TicketState.TRAVELLING}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOfDay:
    """A hall at a moment."""

    hall: Hall
    now: j.Moment

    @property
    def today(self) -> date:
        """The date at the moment, by the site's clock."""
        return self.now.at.astimezone(self._zone).date()

    @property
    def midnight(self) -> j.Moment:
        """The moment at which that date began."""
        return self.now.before((self.now.at - self._start_of_today()).total_seconds())

    @property
    def people(self) -> list[Ticket]:
        """Everybody in the hall, or on the way to it."""
        return [t for t in self.hall.tickets.values() if t.state in LEFT_OVER]

    @property
    def people_of_before(self) -> list[Ticket]:
        """Those who took their number before today; not who may just be given a place from another site."""
        midnight = self.midnight
        return [t for t in self.people if not _is_since(t.issued, midnight) and not self._is_unsettled(t)]

    @property
    def idle_s(self) -> float | None:
        """Time since the latest entry, seconds; None when another run of the machine wrote it: no clock knows."""
        latest = self.hall.latest
        return self.now.since(latest) if latest is not None and latest.boot == self.now.boot else None

    def were_dated_wrong(self, tickets: Sequence[Ticket]) -> bool:
        """Whether one of these tickets of today was issued by a clock that showed another date."""
        zone, today = self._zone, self.today
        return any(t.issued.at.astimezone(zone).date() != today for t in tickets)

    def is_open_over_midnight(self) -> bool:
        """Whether the hall issues numbers without a break while today begins."""
        midnight, catalogue = self._start_of_today(), self.hall.site.catalogue
        return all(opening_hours.is_open(catalogue, at) for at in (midnight - timedelta(seconds=1), midnight))

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.hall.site.catalogue.time_zone)

    def _start_of_today(self) -> datetime:
        return datetime.combine(self.today, time(), self._zone)

    def _is_unsettled(self, ticket: Ticket) -> bool:
        return referral_destination.is_unsettled(ticket, at=self.now)


def _is_since(moment: j.Moment, midnight: j.Moment) -> bool:
    """Whether a moment is not before midnight: by the monotonic clock where that can be, else as it was written."""
    if moment.boot == midnight.boot:
        return moment.mono_s >= midnight.mono_s
    return moment.at >= midnight.at
