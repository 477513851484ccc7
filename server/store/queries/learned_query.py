"""Reads what a site has learned before a journal entry: from its tables, not from years of journal."""

from __future__ import annotations

from sqlalchemy import Connection, and_, or_, select

from protocol.vocabulary import Promise, ServiceId, SiteId
from server.domain.model.learned import (
    ATTENDANCES_KEPT,
    DURATIONS_KEPT,
    OUTCOMES_KEPT,
    SHORTEST_JUDGED_MIN,
    Duration,
    Learned,
    Missed,
    promise_outcome,
)
from server.store import tables as t


def load_learned(connection: Connection, site: SiteId, *, before: int) -> Learned:
    """Return what was learned from the entries before this number; equal to the result of folding all of them."""
    services = connection.execute(select(t.calls.c.service).where(t.calls.c.site == site).distinct()).scalars().all()
    return Learned(
        durations={s: found for s in services if (found := _durations(connection, site, s, before=before))},
        came=_came(connection, site, before=before),
        outcomes=_outcomes(connection, site, before=before),
    )


def _durations(connection: Connection, site: SiteId, service: ServiceId, *, before: int) -> tuple[Duration, ...]:
    calls = t.calls.c
    rows = connection.execute(
        select(calls.ended_seq, calls.business_day, calls.window, calls.served_s)
        .where(
            calls.site == site,
            calls.service == service,
            calls.ended_seq < before,
            calls.outcome == "finished",
            calls.served_s.is_not(None),
        )
        .order_by(calls.ended_seq.desc())
        .limit(DURATIONS_KEPT)
    )
    return tuple(reversed([Duration(seq, day, window, float(seconds)) for seq, day, window, seconds in rows]))


def _came(connection: Connection, site: SiteId, *, before: int) -> tuple[bool, ...]:
    calls = t.calls.c
    rows = connection.execute(
        select(calls.outcome)
        .where(
            calls.site == site,
            calls.ended_seq < before,
            or_(
                calls.outcome.in_(("finished", "not_served")),
                and_(calls.outcome == "no_show", calls.assumed.is_(False)),
            ),
        )
        .order_by(calls.ended_seq.desc())
        .limit(ATTENDANCES_KEPT)
    )
    return tuple(reversed([ended != "no_show" for ended in rows.scalars()]))


def _outcomes(connection: Connection, site: SiteId, *, before: int) -> tuple[Missed, ...]:
    tickets, calls = t.tickets.c, t.calls.c
    first_call = (calls.site == tickets.site) & (calls.seq == tickets.first_call_seq)
    rows = connection.execute(
        select(
            tickets.promise_low_min,
            tickets.promise_high_min,
            tickets.promise_p50_min,
            tickets.promise_p80_min,
            tickets.promise_p90_min,
            tickets.first_wait_s,
        )
        .join_from(t.tickets, t.calls, first_call)
        .where(
            tickets.site == site,
            tickets.first_call_seq < before,
            tickets.promise_p50_min >= SHORTEST_JUDGED_MIN,
            tickets.from_site.is_(None),
            calls.reason != "by_number",
        )
        .order_by(tickets.first_call_seq.desc())
        .limit(OUTCOMES_KEPT)
    )
    outcomes = [
        promise_outcome(Promise(low_min=low, high_min=high, p50_min=p50, p80_min=p80, p90_min=p90), waited_s=waited)
        for low, high, p50, p80, p90, waited in rows
    ]
    return tuple(missed for missed in reversed(outcomes) if missed is not None)
