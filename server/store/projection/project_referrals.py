"""Projection of the facts of referrals."""

from __future__ import annotations

from typing import Any, assert_never

from protocol import journal as j
from protocol.vocabulary import TicketId
from server.domain.events.apply import AppliedEntry
from server.store import tables as t
from server.store.projection.row_statements import StatementRunner, insert_row, update_row
from server.store.projection.ticket_rows import new_ticket_row, site_of

_NEW_PLACE = insert_row(t.tickets)
_REFERRED = update_row(t.tickets, "state", "referral", "changed_seq")
_CHECKED_IN = update_row(t.tickets, "state", "arrived_at", "changed_seq")
_NOT_ARRIVED = update_row(t.tickets, "state", "changed_seq")


def project_referral_fact(connection: StatementRunner, step: AppliedEntry, fact: j.ReferralFact) -> None:
    """Write the rows that one fact about a referral changes."""
    match fact.kind:
        case "place_held":
            row = {**new_ticket_row(step, fact, state="travelling"), "from_site": fact.from_site}
            connection.execute(_NEW_PLACE, {**row, "referral": fact.referral})
        case "referral_taken":
            ticket = step.before.referrals[fact.referral].fact.ticket
            if ticket is not None:
                row = {**_ticket_row(step, ticket, state="referred"), "referral": fact.referral}
                connection.execute(_REFERRED, row)
        case "ticket_arrived":
            row = {**_ticket_row(step, fact.ticket, state="waiting"), "arrived_at": step.entry.moment.at}
            connection.execute(_CHECKED_IN, row)
        case "ticket_not_arrived":
            connection.execute(_NOT_ARRIVED, _ticket_row(step, fact.ticket, state="no_show"))
        case "offer_made" | "referral_asked" | "referral_given_up" | "place_refused" | "place_confirmed":
            pass  # no ticket has another state by them
        case _:
            assert_never(fact)


def _ticket_row(step: AppliedEntry, ticket: TicketId, *, state: str) -> dict[str, Any]:
    return {"b_site": site_of(step), "b_key": ticket, "state": state, "changed_seq": step.entry.seq}
