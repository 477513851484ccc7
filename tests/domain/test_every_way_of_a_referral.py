"""One visitor sent from one hall to another: every order in which things can happen, tried to the end.

A state is what both halls have written, what the county has of it, which messages are under way, and how late it is.
From every state everything that can happen next is tried, until no new state is found: messages are lost (never
received), repeated, late and in any order, for each stays under way for ever; and a hub may be killed between any two
of its entries, for after every step its hall is what its journal makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from plain_county import TRAVEL_MIN, PlainCounty, county_of, everywhere

from protocol import journal as j
from protocol.county import Referral
from protocol.vocabulary import TicketState, WindowState
from server.domain.desk import calls, issuance
from server.domain.model.catalogue import Catalogue
from server.domain.referrals import referral_destination

HERE, THERE = "here", "there"
GRACE_S = (TRAVEL_MIN + 16) * 60
LATER_S = (0.0, 4.0, GRACE_S)
"""At once, when no answer counts any more, and when the place is not kept any longer."""


@dataclass(frozen=True)
class State:
    """A state of both halls, the county and the messages between them."""

    county: PlainCounty
    messages: frozenset[tuple[str, str]]
    """Every message that was ever sent: its recipient, and the state of a referral as JSON."""
    late: int
    referral: str
    ticket: str | None

    @property
    def written(self) -> tuple[str, ...]:
        """What both halls have written, each in its order."""
        return tuple(fact.model_dump_json() for site in (HERE, THERE) for fact in self.county.facts(site))

    @property
    def known(self) -> tuple[int, ...]:
        """How far the county has both journals."""
        return tuple(self.county.known_halls[site].seq for site in (HERE, THERE))

    @property
    def key(self) -> tuple[object, ...]:
        """The identity of the state: the rest follows from it."""
        return (self.written, self.known, self.messages, self.late)


def beginning(described: Catalogue, *, with_ticket: bool) -> State:
    county = county_of(described, HERE, THERE)
    for site in (HERE, THERE):
        county = county.does(site, calls.set_window(county.halls[site], window="window-1", state=WindowState.OPEN))
    ticket = None
    if with_ticket:
        county, ticket = county.issues(HERE)
    county, referral = county.accepts(HERE, THERE, ticket=ticket)
    county = everywhere(county, lambda c, site: c.pushes(site, entries=2 + with_ticket))
    return State(county=county, messages=frozenset(), late=0, referral=referral, ticket=ticket)


def after(state: State) -> Iterator[State]:
    """Yield what may happen next."""
    county = state.county
    for site in (HERE, THERE):
        yield replace(state, county=county.pushes(site, entries=1))
        yield replace(state, county=county.expires(site))
        written = {(site, message.model_dump_json()) for message in county.referral_states(site)}
        yield replace(state, messages=state.messages | written)
    for site, message in state.messages:
        yield replace(state, county=county.reconciles(site, [Referral.model_validate_json(message)]))
    if state.late + 1 < len(LATER_S):
        step = LATER_S[state.late + 1] - LATER_S[state.late]
        yield replace(state, county=county.waits(step), late=state.late + 1)
    yield from visitor(state)


def visitor(state: State) -> Iterator[State]:
    """Yield what the visitor and the clerks may do."""
    county, here = state.county, state.county.halls[HERE]
    held = here.tickets.get(state.ticket or "")
    if held is not None and held.state is TicketState.WAITING:
        call = calls.call_next(here, window="window-1", at=county.clocks[HERE])
        yield replace(state, county=county.does(HERE, call))
        yield replace(state, county=county.does(HERE, [issuance.cancel(here, ticket=held.id)]))
    paper = county.paper(state.referral)
    there = county.halls[THERE]
    if paper is not None and (ticket := there.tickets.get(paper.there)) is not None:
        if ticket.state is TicketState.TRAVELLING or ticket.returns == 0:
            yield replace(
                state,
                county=county.does(THERE, referral_destination.check_in(there, code=f"http://hub/t/{paper.there}")),
            )
        if ticket.state is TicketState.WAITING:
            call = calls.call_next(there, window="window-1", at=county.clocks[THERE])
            yield replace(state, county=county.does(THERE, call))


def all_states(first: State) -> list[State]:
    found, left = {first.key: first}, [first]
    while left:
        for state in after(left.pop()):
            if state.key not in found:
                found[state.key] = state
                left.append(state)
    return list(found.values())


def holds(state: State) -> None:
    """At every moment exactly one hub owns the visitor's ticket."""
    county = state.county
    facts = {site: county.facts(site) for site in (HERE, THERE)}
    taken = [f for f in facts[HERE] if isinstance(f, j.ReferralTaken)]
    given_up = [f for f in facts[HERE] if isinstance(f, j.ReferralGivenUp)]
    held = [f for f in facts[THERE] if isinstance(f, j.PlaceHeld)]
    assert len(taken) + len(given_up) <= 1
    assert len(held) <= 1
    mine = county.halls[HERE].tickets.get(state.ticket or "")
    place = county.halls[THERE].tickets.get(held[0].ticket) if held else None
    if taken:
        assert mine is None, "the other site owns it, and it alone"
        assert place is not None, "nothing is lost"
        assert taken[0].there == place.id
    else:
        assert place is None or not place.confirmed, "this site owns it, and it alone"
        left = any(isinstance(f, j.TicketCancelled) for f in facts[HERE])
        assert state.ticket is None or left or mine is not None, "nothing is lost"
    assert place is None or place.confirmed or place.state in (TicketState.TRAVELLING, TicketState.NO_SHOW)
    for site in (HERE, THERE):
        county.restarts(site)


def ends(state: State) -> None:
    """Whatever was lost: once both links work, both sites agree and are done."""
    county = state.county
    for _ in range(3):
        county = everywhere(county.waits(2), PlainCounty.syncs)
    county = everywhere(county, PlainCounty.pushes)
    assert county.settled()
    places = [t for t in county.halls[THERE].tickets.values() if t.referral == state.referral]
    taken = county.paper(state.referral)
    assert [t.id for t in places if t.confirmed] == ([taken.there] if taken else [])
    assert all(t.confirmed for t in places)


@pytest.mark.parametrize("with_ticket", [False, True], ids=["before a number is taken", "while waiting"])
def test_in_every_order_of_things_exactly_one_hub_owns_the_ticket(
    small_catalogue: Catalogue, *, with_ticket: bool
) -> None:
    states = all_states(beginning(small_catalogue, with_ticket=with_ticket))
    for state in {state.written: state for state in states}.values():
        holds(state)
    for state in {(state.written, state.known, state.late): state for state in states}.values():
        ends(state)
    ways = {tuple(type(f).__name__ for f in state.county.facts(THERE)[2:]) for state in states}
    assert ("PlaceHeld", "PlaceConfirmed", "TicketArrived", "TicketCalled") in ways
    assert ("PlaceHeld", "TicketCancelled") in ways
    assert len(states) > 1000
