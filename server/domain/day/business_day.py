"""Rules for the turn of the business day and for a changed site description."""

from __future__ import annotations

from protocol import journal as j
from protocol.vocabulary import TicketState
from server.domain.desk import issuance
from server.domain.desk.numbering import business_day
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.domain.referrals import referral_destination, referral_origin

LEFT_OVER = frozenset(
    {TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.PARKED, TicketState.TRAVELLING}
)


NIGHT_S = 2 * 3600.0
"""Time without any entry that counts as a night, seconds: visitors still waiting have gone home."""
LONGEST_DAY_S = 20 * 3600.0
"""Maximum length of a business day, seconds; it ends then even if visitors wait."""


def start_day(hall: Hall, *, now: j.Moment, clock_trusted: bool) -> tuple[j.AnyFact, ...]:
    """Return the facts that begin a new business day; none while it is the day.

    A clock that was set an instant ago ends no day, and a day with people waiting ends only after a night: when the
    clock of a Pi that was without power is put right, the queue in front of it is not yesterday's.
    Nor does a day end over a place that another site may just be taking. Referrals not taken are given up, tickets left
    over are cancelled, and print jobs nobody reported on have an unknown outcome.
    """
    day = business_day(now.at, time_zone=hall.site.catalogue.time_zone, last=hall.day)
    if day == hall.day or (hall.day is not None and not clock_trusted):
        return ()
    left = [t for t in hall.tickets.values() if t.state in LEFT_OVER]
    if left and not _may_end(hall, now):
        return ()
    return (
        *referral_origin.give_up_at_day_end(hall),
        *(issuance.give_up_print(p) for p in issuance.pending_prints(hall)),
        *(j.TicketCancelled(ticket=t.id, reason="day_ended") for t in left),
        j.DayStarted(day=day, notice=hall.notice),
    )


def _may_end(hall: Hall, now: j.Moment) -> bool:
    """Whether a day with people waiting may end."""
    if referral_destination.has_unsettled(hall, at=now):
        return False
    if hall.began is None or hall.latest is None:
        return True
    return now.since(hall.latest) >= NIGHT_S or now.since(hall.began) >= LONGEST_DAY_S


def change_catalogue(hall: Hall, *, catalogue: Catalogue) -> tuple[j.AnyFact, ...]:
    """Return the facts of a changed site description: tickets that no window can call any more are cancelled."""
    pooled = catalogue.rules.pooled
    services = {s for w in catalogue.windows for s in (*w.services, *(w.skills if pooled else ()))}
    windows = {w.id for w in catalogue.windows}
    lost = [
        t
        for t in hall.tickets.values()
        if t.service not in services or (t.window is not None and t.window not in windows)
    ]
    return (
        *(j.TicketCancelled(ticket=t.id, reason="service_removed") for t in lost),
        j.CatalogueChanged(catalogue=catalogue.model_dump(mode="json")),
    )
