"""The fold of the facts about paper: print jobs, and how they ended."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from protocol import journal as j
from protocol.vocabulary import PrintOutcome
from server.domain.events.queue_transitions import without
from server.domain.model.hall import Hall, PrintAttempt, ticket_of_job


def apply_print_fact(hall: Hall, entry: j.Entry, fact: j.PrintFact) -> Hall:
    """Return the hall after one fact about a print job."""
    match fact.kind:
        case "print_started":
            return _start_print(hall, entry, fact)
        case "print_ended":
            return _end_print(hall, fact)
        case _:
            assert_never(fact)


def _start_print(hall: Hall, entry: j.Entry, fact: j.PrintStarted) -> Hall:
    job = PrintAttempt(job=fact.job, ticket=fact.ticket, device=fact.device, reprint=True, started=entry.moment)
    return hall._replace(prints={**hall.prints, fact.ticket: (*hall.prints.get(fact.ticket, ()), job)})


def _end_print(hall: Hall, fact: j.PrintEnded) -> Hall:
    ticket = ticket_of_job(fact.job)
    jobs = tuple(
        replace(p, outcome=fact.outcome, reason=fact.reason) if p.job == fact.job else p for p in hall.prints[ticket]
    )
    known = ticket in hall.tickets or ticket in hall.assumed or ticket in hall.referrals
    if not known and all(p.outcome is not PrintOutcome.PENDING for p in jobs):
        return hall._replace(prints=without(hall.prints, ticket))
    return hall._replace(prints={**hall.prints, ticket: jobs})
