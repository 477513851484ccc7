"""The projection: writes one journal entry into the tables, given the hall before and after it.

Nothing is read back: the same entries always make the same rows, at the hub, in a rebuild and at the county.
"""

from __future__ import annotations

from protocol import journal as j
from protocol.vocabulary import PrintOutcome
from server.domain.events.apply import AppliedEntry
from server.domain.model.hall import ticket_of_job
from server.store import tables as t
from server.store.projection.project_referrals import project_referral_fact
from server.store.projection.project_visits import project_visit_fact
from server.store.projection.row_statements import StatementRunner, insert_row, update_row
from server.store.projection.ticket_rows import site_of

_NEW_DAY = insert_row(t.days)
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
            row = {"site": site_of(step), "day": step.after.day, "first_seq": step.entry.seq}
            connection.execute(_NEW_DAY, row)
        case (
            "ticket_announced"
            | "print_started"
            | "window_changed"
            | "window_helps"
            | "window_agreed"
            | "notice_changed"
        ):
            pass  # they stand in the journal alone: no figure and no page of an earlier day is made from them
        case "catalogue_changed" | "proposal_made" | "proposal_decided" | "proposal_measured":
            pass
        case _:
            project_referral_fact(connection, step, fact)


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
