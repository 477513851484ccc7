"""What a panel believes of its window, and what its keys mean there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hardware.panel.buttons import PanelKey, Press
from hardware.panel.lamp import LampState
from hardware.panel.panel_state import STALE_S, PanelState, action
from protocol.retained_messages import HubStatus, Sign
from protocol.vocabulary import Presence, Text, TicketState, WindowState

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def sign(
    *,
    seq: int = 1,
    state: WindowState = WindowState.OPEN,
    ticket_state: TicketState | None = None,
    waiting: int = 0,
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
    )


def status(*, boot: str = "one", presence: Presence = Presence.ONLINE) -> HubStatus:
    return HubStatus(seq=1, as_of=NOON, presence=presence, boot=boot, version="0.1.0")


def reachable(truth: PanelState, *, at: float = 0.0) -> PanelState:
    truth.hear_broker(present=True)
    truth.hear_status(status(), replayed=False, at=at)
    return truth


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (sign(waiting=2), LampState.FREE),
        (sign(), LampState.NOBODY),
        (sign(ticket_state=TicketState.CALLED), LampState.CALLED),
        (sign(ticket_state=TicketState.SERVING, waiting=4), LampState.SERVING),
        (sign(state=WindowState.PAUSED, ticket_state=TicketState.SERVING), LampState.SERVING),
        (sign(state=WindowState.PAUSED, waiting=4), LampState.PAUSED),
        (sign(state=WindowState.CLOSED, waiting=4), LampState.CLOSED),
    ],
)
def test_the_lamp_says_what_the_sign_says(told: Sign, state: LampState) -> None:
    truth = reachable(PanelState())
    truth.hear_sign(told)

    assert truth.lamp(at=1.0) is state


def test_nothing_heard_yet_is_a_fault() -> None:
    assert PanelState().lamp(at=0.0) is LampState.FAULT
    assert reachable(PanelState()).lamp(at=0.0) is LampState.FAULT


def test_a_silent_hub_is_a_fault_after_15_seconds_and_well_again_with_its_next_word() -> None:
    truth = reachable(PanelState(), at=100.0)
    truth.hear_sign(sign())

    assert truth.lamp(at=100.0 + STALE_S - 0.01) is LampState.NOBODY
    assert truth.lamp(at=100.0 + STALE_S) is LampState.FAULT
    truth.hear_status(status(), replayed=False, at=130.0)
    assert truth.lamp(at=130.0) is LampState.NOBODY


@pytest.mark.parametrize("presence", [Presence.OFFLINE, Presence.LOST])
def test_a_hub_that_left_is_a_fault_at_once(presence: Presence) -> None:
    truth = reachable(PanelState())
    truth.hear_sign(sign())
    truth.hear_status(status(presence=presence), replayed=False, at=1.0)

    assert truth.lamp(at=1.0) is LampState.FAULT


def test_a_broker_that_left_is_a_fault_although_the_hub_may_be_there() -> None:
    truth = reachable(PanelState())
    truth.hear_sign(sign())
    truth.hear_broker(present=False)

    assert truth.away(at=1.0)


def test_a_press_without_an_answer_is_a_fault_until_the_hub_speaks_again() -> None:
    truth = reachable(PanelState())
    truth.hear_sign(sign())
    truth.asked_in_vain()

    assert truth.lamp(at=1.0) is LampState.FAULT
    truth.hear_status(status(), replayed=True, at=2.0)
    assert truth.lamp(at=2.0) is LampState.FAULT
    truth.hear_status(status(), replayed=False, at=3.0)
    assert truth.lamp(at=3.0) is LampState.NOBODY


def test_an_older_sign_is_dropped() -> None:
    truth = reachable(PanelState())
    truth.hear_sign(sign(seq=8, waiting=3))
    truth.hear_sign(sign(seq=7))

    assert truth.lamp(at=1.0) is LampState.FREE


def test_a_hub_that_began_a_new_journal_is_believed() -> None:
    truth = reachable(PanelState())
    truth.hear_sign(sign(seq=900, waiting=3))
    truth.hear_sign(sign(seq=2))
    truth.hear_status(status(boot="two"), replayed=False, at=1.0)

    assert truth.sign == sign(seq=2)


@pytest.mark.parametrize(
    ("key", "press", "stands", "command"),
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
def test_what_a_key_means(key: PanelKey, press: Press, stands: Sign, command: str | None) -> None:
    assert action(key, press, stands) == command
