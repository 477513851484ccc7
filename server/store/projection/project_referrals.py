"""What the facts of referrals write into the tables; ``projection`` writes all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, insert, update

from protocol import journal as j
from protocol.vocabulary import TicketId
from server.domain.model.hall import Hall
from server.store import tables as t
from server.store.prepared_statements import Runs

_PLACE = insert(t.tickets)
_OF_TICKET = (t.tickets.c.site == bindparam("b_site"), t.tickets.c.id == bindparam("b_key"))
_REFERRED = (
    update(t.tickets)
    .where(*_OF_TICKET)
    .values(state="referred", referral=bindparam("referral"), changed_seq=bindparam("changed_seq"))
)
_ARRIVED = (
    update(t.tickets)
    .where(*_OF_TICKET)
    .values(state="waiting", arrived_at=bindparam("arrived_at"), changed_seq=bindparam("changed_seq"))
)
_NOT_ARRIVED = update(t.tickets).where(*_OF_TICKET).values(state="no_show", changed_seq=bindparam("changed_seq"))


def _held(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:  # noqa: ARG001
    fact: Any = entry.fact
    promise = fact.promise
    connection.execute(
        _PLACE,
        {
            "site": after.site.catalogue.site,
            "id": fact.ticket,
            "business_day": after.day,
            "number": fact.number,
            "letter": fact.letter,
            "count": fact.count,
            "service": fact.service,
            "language": fact.language.value,
            "priority": fact.priority,
            "state": "travelling",
            "issued_seq": entry.seq,
            "issued_at": entry.moment.at,
            "people_ahead": fact.people_ahead,
            "promise_low_min": promise and promise.low_min,
            "promise_high_min": promise and promise.high_min,
            "returns": 0,
            "changed_seq": entry.seq,
            "from_site": fact.from_site,
            "referral": fact.referral,
        },
    )


def _taken(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:
    fact: Any = entry.fact
    ticket = before.referrals[fact.referral].fact.ticket
    if ticket is not None:
        connection.execute(_REFERRED, {**_row(after, entry, ticket), "referral": fact.referral})


def _arrived(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:  # noqa: ARG001
    fact: Any = entry.fact
    connection.execute(_ARRIVED, {**_row(after, entry, fact.ticket), "arrived_at": entry.moment.at})


def _not_arrived(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:  # noqa: ARG001
    fact: Any = entry.fact
    connection.execute(_NOT_ARRIVED, _row(after, entry, fact.ticket))


def _row(after: Hall, entry: j.Entry, ticket: TicketId) -> dict[str, Any]:
    return {"b_site": after.site.catalogue.site, "b_key": ticket, "changed_seq": entry.seq}


PROJECT: Mapping[str, Callable[[Runs, Hall, Hall, j.Entry], None]] = MappingProxyType(
    {
        "place_held": _held,
        "referral_taken": _taken,
        "ticket_arrived": _arrived,
        "ticket_not_arrived": _not_arrived,
    }
)
