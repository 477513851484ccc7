from __future__ import annotations

from itertools import product

import pytest

from protocol.vocabulary import TicketState
from server.domain.model.refusals import WrongState
from server.domain.model.tickets import ENDED, STATE_NAMES_ZH, TRANSITIONS, state_after

LEGAL = {
    ("call", "waiting", "called"),
    ("call", "parked", "called"),
    ("call", "no_show", "called"),
    ("call", "travelling", "called"),
    ("recall", "called", "called"),
    ("recall", "serving", "serving"),
    ("start", "called", "serving"),
    ("finish", "serving", "finished"),
    ("no_show", "called", "no_show"),
    ("no_show", "travelling", "no_show"),
    ("return", "no_show", "waiting"),
    ("transfer", "called", "waiting"),
    ("transfer", "serving", "waiting"),
    ("park", "waiting", "parked"),
    ("park", "serving", "parked"),
    ("unpark", "parked", "waiting"),
    ("refer", "waiting", "referred"),
    ("check_in", "travelling", "waiting"),
    ("cancel", "waiting", "cancelled"),
    ("cancel", "called", "cancelled"),
    ("cancel", "serving", "cancelled"),
    ("cancel", "parked", "cancelled"),
    ("cancel", "no_show", "cancelled"),
    ("cancel", "travelling", "cancelled"),
}
"""Event, state before, state after: the whole life of a ticket."""

ILLEGAL = sorted(set(product(TRANSITIONS, map(str, TicketState))) - {(event, state) for event, state, _ in LEGAL})


def test_the_table_holds_every_legal_transition_and_no_other() -> None:
    table = {(event, str(a), str(b)) for event, moves in TRANSITIONS.items() for a, b in moves.items()}
    assert table == LEGAL


@pytest.mark.parametrize(("event", "state", "then"), sorted(LEGAL))
def test_a_legal_event_leads_to_the_next_state(event: str, state: str, then: str) -> None:
    assert state_after(TicketState(state), event) is TicketState(then)


@pytest.mark.parametrize(("event", "state"), ILLEGAL)
def test_an_illegal_event_is_refused_in_both_languages(event: str, state: str) -> None:
    with pytest.raises(WrongState) as refused:
        state_after(TicketState(state), event)
    assert STATE_NAMES_ZH[TicketState(state)] in refused.value.message.zh
    assert state in refused.value.message.en


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_ended_ticket_stays_ended(state: TicketState) -> None:
    assert not [event for event, moves in TRANSITIONS.items() if state in moves]


def test_every_state_but_the_ended_ones_can_be_left() -> None:
    left = {state for moves in TRANSITIONS.values() for state in moves}
    assert left == set(TicketState) - ENDED
