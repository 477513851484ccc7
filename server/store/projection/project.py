"""The projection: writes one journal entry into the tables, given the hall before and after it.

Nothing is read back: the same entries always make the same rows, at the hub, in a rebuild and at the county.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, delete, exists, or_, update

from protocol import journal as j
from protocol.vocabulary import PrintOutcome, SiteId
from server.domain.events.apply import AppliedEntry
from server.domain.model.hall import ticket_of_job
from server.store import tables as t
from server.store.projection.project_referrals import project_referral_fact
from server.store.projection.project_visits import project_visit_fact
from server.store.projection.row_statements import RowsChange, StatementRunner, insert_row, update_row
from server.store.projection.ticket_rows import site_of

_NEW_DAY = insert_row(t.days)
_DAY = (t.days.c.site == bindparam("b_site"), t.days.c.day == bindparam("b_day"))
_OF_DAY = exists().where(t.tickets.c.site == t.days.c.site, t.tickets.c.business_day == t.days.c.day)
_DAY_FORGOTTEN = RowsChange(delete(t.days).where(*_DAY))
_EMPTY_DAY_FORGOTTEN = RowsChange(delete(t.days).where(*_DAY, ~_OF_DAY))
_TICKETS_MOVED = RowsChange(
    update(t.tickets)
    .where(
        t.tickets.c.site == bindparam("b_site"),
        t.tickets.c.business_day == bindparam("b_was"),
        t.tickets.c.issued_seq >= bindparam("b_since"),
    )
    .values(business_day=bindparam("b_day"))
)
_CALLS_MOVED = RowsChange(
    update(t.calls)
    .where(
        t.calls.c.site == bindparam("b_site"),
        t.calls.c.business_day == bindparam("b_was"),
        or_(t.calls.c.ended_seq.is_(None), t.calls.c.ended_seq >= bindparam("b_since")),
    )
    .values(business_day=bindparam("b_day"))
)
"""A call belongs to the day in which it ended."""
_NEW_PRINT = insert_row(t.prints)
_PRINT_CORRECTED = update_row(t.prints, "outcome", "reason", "ended_at")


def project(connection: StatementRunner, step: AppliedEntry) -> None:
    """Write the rows that one entry changes."""
    fact: j.AnyFact = step.entry.fact
    match fact.kind:
        case (
            "ticket_issued"
            | "ticket_called"
            | "ticket_started"
            | "ticket_finished"
            | "ticket_recalled"
            | "ticket_no_show"
            | "ticket_returned"
            | "ticket_transferred"
            | "ticket_cancelled"
        ):
            project_visit_fact(connection, step, fact)
        case "print_ended":
            _write_print(connection, step, fact)
        case "day_started":
            _write_day(connection, site_of(step), fact.day, first_seq=step.entry.seq)
        case "day_moved":
            _move_day(connection, step, fact)
        case (
            "ticket_announced"
            | "print_started"
            | "window_changed"
            | "window_helps"
            | "window_agreed"
            | "notice_changed"
            | "clock_confirmed"
        ):
            pass  # they stand in the journal alone: no figure and no page of an earlier day is made from them
        case "catalogue_changed" | "proposal_made" | "proposal_decided" | "proposal_measured":
            pass
        case _:
            project_referral_fact(connection, step, fact)


def _write_day(connection: StatementRunner, site: SiteId, day: date, *, first_seq: int) -> None:
    """Write the row of a day, instead of the one that it may have when a clock was wrong and the date comes again."""
    connection.execute(_DAY_FORGOTTEN, {"b_site": site, "b_day": day})
    connection.execute(_NEW_DAY, {"site": site, "day": day, "first_seq": first_seq})


def _move_day(connection: StatementRunner, step: AppliedEntry, fact: j.DayMoved) -> None:
    """Move a day's tickets and calls from an entry on to another day; a day without tickets is no day any more."""
    site = site_of(step)
    for moved in (_TICKETS_MOVED, _CALLS_MOVED):
        connection.execute(moved, {"b_site": site, "b_was": fact.was, "b_since": fact.since, "b_day": fact.day})
    connection.execute(_EMPTY_DAY_FORGOTTEN, {"b_site": site, "b_day": fact.was})
    _write_day(connection, site, fact.day, first_seq=min(fact.since, step.entry.seq))


def _write_print(connection: StatementRunner, step: AppliedEntry, fact: j.PrintEnded) -> None:
    """Write a print job once it has an outcome; an expired one may still get a reported outcome."""
    ended = {"outcome": fact.outcome.value, "reason": fact.reason, "ended_at": step.entry.moment.at}
    job = next(p for p in step.before.prints[ticket_of_job(fact.job)] if p.job == fact.job)
    if job.outcome is not PrintOutcome.PENDING:
        connection.execute(_PRINT_CORRECTED, {"b_site": site_of(step), "b_key": job.job, **ended})
        return
    connection.execute(
        _NEW_PRINT,
        {
            "site": site_of(step),
            "job": job.job,
            "ticket": job.ticket,
            "device": job.device,
            "reprint": job.reprint,
            "started_at": job.started.at,
            **ended,
        },
    )
