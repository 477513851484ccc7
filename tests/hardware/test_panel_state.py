"""What a panel knows of its window, and what its keys mean there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hardware.panel.buttons import PanelKey, Press
from hardware.panel.lamp import LampState
from hardware.panel.panel_state import PanelState, action_for
from protocol.retained_messages import HubStatus, Sign
from protocol.vocabulary import Presence, Text, TicketState, WindowState
from runtime.hub_liveness import STALE_AFTER_S

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def sign(
    *,
    seq: int = 1,
    state: WindowState = WindowState.OPEN,
    ticket_state: TicketState | None = None,
    waiting: int = 0,
    in_doubt: str | None = None,
) -> Sign:
    return Sign(
        seq=seq,
        as_of=NOON,
        window="window-3",
        label="3",
        name=Text(zh="医疗保障", en="Medical insurance"),
        state=state,
        ticket=None if ticket_state is None else "B017",
        ticket_state=ticket_state,
        waiting=waiting,
        in_doubt=in_doubt,
    )


def status(seconds: int = 0, *, boot: str = "one", presence: Presence = Presence.ONLINE) -> HubStatus:
    return HubStatus(seq=1, as_of=NOON + timedelta(seconds=seconds), presence=presence, boot=boot, version="0.1.0")


def reachable(state: PanelState, *, at: float = 0.0) -> PanelState:
    state.set_broker(connected=True)
    state.receive_status(status(), replayed=False, at=at)
    return state


@pytest.mark.parametrize(
    ("published", "lamp"),
    [
        (sign(waiting=2), LampState.FREE),
        (sign(), LampState.NOBODY),
        (sign(ticket_state=TicketState.CALLED), LampState.CALLED),
        (sign(ticket_state=TicketState.CALLED, in_doubt="B016"), LampState.IN_DOUBT),
        (sign(ticket_state=TicketState.SERVING, waiting=4, in_doubt="B016"), LampState.SERVING),
        (sign(state=WindowState.PAUSED, ticket_state=TicketState.SERVING), LampState.SERVING),
        (sign(state=WindowState.PAUSED, waiting=4), LampState.PAUSED),
        (sign(state=WindowState.CLOSED, waiting=4), LampState.CLOSED),
    ],
)
def test_the_lamp_shows_what_the_sign_shows(published: Sign, lamp: LampState) -> None:
    state = reachable(PanelState())
    state.receive_sign(published, at=0.0)

    assert state.lamp_state(at=1.0) is lamp


def test_nothing_received_yet_is_a_fault() -> None:
    assert PanelState().lamp_state(at=0.0) is LampState.FAULT
    assert reachable(PanelState()).lamp_state(at=0.0) is LampState.FAULT


def test_a_silent_hub_is_a_fault_after_15_seconds_until_its_next_heartbeat() -> None:
    state = reachable(PanelState(), at=100.0)
    state.receive_sign(sign(), at=0.0)

    assert state.lamp_state(at=100.0 + STALE_AFTER_S) is LampState.NOBODY
    assert state.lamp_state(at=100.0 + STALE_AFTER_S + 0.01) is LampState.FAULT
    state.receive_status(status(), replayed=False, at=130.0)
    assert state.lamp_state(at=130.0) is LampState.NOBODY


@pytest.mark.parametrize("presence", [Presence.OFFLINE, Presence.LOST])
def test_a_hub_that_left_is_a_fault_at_once(presence: Presence) -> None:
    state = reachable(PanelState())
    state.receive_sign(sign(), at=0.0)
    state.receive_status(status(presence=presence), replayed=False, at=1.0)

    assert state.lamp_state(at=1.0) is LampState.FAULT


def test_a_broker_that_left_is_a_fault_although_the_hub_may_be_there() -> None:
    state = reachable(PanelState())
    state.receive_sign(sign(), at=0.0)
    state.set_broker(connected=False)

    assert state.is_hub_away(at=1.0)


def test_an_old_online_that_the_broker_kept_is_a_fault_on_the_panel_as_on_the_screen() -> None:
    """A hub that died: the broker comes back after it and replays the hub's last ONLINE."""
    state = reachable(PanelState(), at=100.0)
    state.receive_sign(sign(), at=0.0)
    state.set_broker(connected=False)
    state.set_broker(connected=True)
    state.receive_status(status(), replayed=True, at=130.0)

    assert state.lamp_state(at=130.0) is LampState.FAULT
    state.receive_status(status(25), replayed=True, at=131.0)
    assert state.lamp_state(at=131.0) is LampState.NOBODY


def test_a_press_without_an_answer_is_a_fault_until_the_next_live_heartbeat() -> None:
    state = reachable(PanelState())
    state.receive_sign(sign(), at=0.0)
    state.note_unanswered_press()

    assert state.lamp_state(at=1.0) is LampState.FAULT
    state.receive_status(status(), replayed=True, at=2.0)
    assert state.lamp_state(at=2.0) is LampState.FAULT
    state.receive_status(status(), replayed=False, at=3.0)
    assert state.lamp_state(at=3.0) is LampState.NOBODY


def test_an_older_sign_is_dropped() -> None:
    state = reachable(PanelState())
    state.receive_sign(sign(seq=8, waiting=3), at=0.0)
    state.receive_sign(sign(seq=7), at=0.0)

    assert state.lamp_state(at=1.0) is LampState.FREE


def test_a_hub_that_started_a_new_journal_is_believed() -> None:
    state = reachable(PanelState())
    state.receive_sign(sign(seq=900, waiting=3), at=0.0)
    state.receive_sign(sign(seq=2), at=0.0)
    state.receive_status(status(boot="two"), replayed=False, at=1.0)

    assert state.sign == sign(seq=2)


def test_a_new_journal_is_believed_also_when_its_first_sign_comes_after_the_status() -> None:
    state = reachable(PanelState())
    state.receive_sign(sign(seq=900, waiting=3), at=0.0)
    state.receive_status(status(boot="two"), replayed=False, at=1.0)
    state.receive_sign(sign(seq=2), at=0.0)

    assert state.sign == sign(seq=2)


@pytest.mark.parametrize(
    ("key", "press", "shown", "action"),
    [
        (PanelKey.CALL, Press.SHORT, sign(), "call-next"),
        (PanelKey.CALL, Press.LONG, sign(ticket_state=TicketState.CALLED), "recall"),
        (PanelKey.START_FINISH, Press.SHORT, sign(ticket_state=TicketState.CALLED), "start"),
        (PanelKey.START_FINISH, Press.SHORT, sign(ticket_state=TicketState.SERVING), "finish"),
        (PanelKey.START_FINISH, Press.SHORT, sign(), None),
        (PanelKey.NO_SHOW, Press.SHORT, sign(ticket_state=TicketState.CALLED), "no-show"),
        (PanelKey.PAUSE, Press.SHORT, sign(), "pause"),
        (PanelKey.PAUSE, Press.SHORT, sign(state=WindowState.PAUSED), "open"),
        (PanelKey.PAUSE, Press.SHORT, sign(state=WindowState.CLOSED), "open"),
    ],
)
def test_what_a_key_means(key: PanelKey, press: Press, shown: Sign, action: str | None) -> None:
    assert action_for(key, press, shown) == action


@pytest.mark.parametrize(
    ("key", "action"), [(PanelKey.START_FINISH, "confirm-served"), (PanelKey.NO_SHOW, "confirm-absent")]
)
def test_a_key_held_long_is_about_the_visitor_before_while_nobody_knows_whether_he_came(
    key: PanelKey, action: str
) -> None:
    assert action_for(key, Press.LONG, sign(ticket_state=TicketState.CALLED, in_doubt="B016")) == action
    otherwise = action_for(key, Press.SHORT, sign(ticket_state=TicketState.CALLED))
    assert action_for(key, Press.LONG, sign(ticket_state=TicketState.CALLED)) == otherwise


def test_the_lamp_says_from_when_the_called_visitor_may_be_marked_as_absent() -> None:
    state = reachable(PanelState())
    called = sign(ticket_state=TicketState.CALLED)
    state.receive_sign(called, at=1.0)
    assert (state.no_show_at, state.lamp_state(at=9.0)) == (None, LampState.CALLED)
    state.receive_sign(called.model_copy(update={"no_show_in_s": 8.0}), at=2.0)
    assert state.no_show_at == 10.0
    assert [state.lamp_state(at=at) for at in (9.9, 10.0)] == [LampState.CALLED, LampState.NO_SHOW_POSSIBLE]
