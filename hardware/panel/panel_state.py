"""What a panel knows of its window, and what a press means there. Pure: times are monotonic seconds, passed in."""

from __future__ import annotations

from hardware.panel.buttons import PanelKey, Press
from hardware.panel.lamp import LampState
from protocol.retained_messages import HubStatus, Sign
from protocol.vocabulary import Presence, TicketState, WindowState

STALE_S = 15.0
"""The hub says every 5 s that it is there; silence for this long means it is not."""


class PanelState:
    """The hub's last word on this window, and whether it still counts.

    It counts while the broker is connected, the hub's heartbeat is young, and the last press was answered or the hub
    was heard since. The broker matters as much as the hub: a call that no screen shows must not be made.
    """

    def __init__(self) -> None:
        self._sign: Sign | None = None
        self._last_sign: Sign | None = None
        self._status: HubStatus | None = None
        self._heard_at = float("-inf")
        self._broker = False
        self._in_vain = False

    @property
    def sign(self) -> Sign | None:
        """What the hub last said about this window."""
        return self._sign

    def hear_sign(self, sign: Sign) -> None:
        """Take the hub's word, unless it is older than what is known."""
        self._last_sign = sign
        if self._sign is None or sign.seq >= self._sign.seq:
            self._sign = sign

    def hear_status(self, status: HubStatus, *, replayed: bool, at: float) -> None:
        """Take the hub's heartbeat; ``replayed`` is the one that the broker kept, which proves nothing about now.

        A hub that started anew may count its journal anew: whatever it said last counts.
        """
        if self._status is not None and status.boot != self._status.boot:
            self._sign = self._last_sign
        self._status, self._heard_at = status, at
        self._in_vain = self._in_vain and replayed

    def hear_broker(self, *, present: bool) -> None:
        """The connection to the broker came or went."""
        self._broker = present

    def asked_in_vain(self) -> None:
        """A press got no answer: the hub counts as away until it is heard again."""
        self._in_vain = True

    def away(self, *, at: float) -> bool:
        """Whether the hub cannot be reached or cannot reach the hall."""
        online = self._status is not None and self._status.presence is Presence.ONLINE
        return not (self._broker and online and at < self.stale_at) or self._in_vain or self._sign is None

    @property
    def stale_at(self) -> float:
        """When the hub counts as away unless it is heard before."""
        return self._heard_at + STALE_S

    def lamp(self, *, at: float) -> LampState:
        """Return what the lamp has to say: the hub's truth, never a wish."""
        if self._sign is None or self.away(at=at):
            return LampState.FAULT
        match self._sign.ticket_state, self._sign.state:
            case TicketState.CALLED, _:
                return LampState.CALLED
            case TicketState.SERVING, _:
                return LampState.SERVING
            case _, WindowState.CLOSED:
                return LampState.CLOSED
            case _, WindowState.PAUSED:
                return LampState.PAUSED
        return LampState.FREE if self._sign.waiting else LampState.NOBODY


def action(key: PanelKey, press: Press, sign: Sign) -> str | None:
    """Return the hub's command for a press at a window that stands so; None when the key means nothing now."""
    match key:
        case PanelKey.CALL:
            return "recall" if press is Press.LONG else "call-next"
        case PanelKey.START_FINISH:
            return _start_or_finish(sign)
        case PanelKey.NO_SHOW:
            return "no-show"
        case PanelKey.PAUSE:
            return "pause" if sign.state is WindowState.OPEN else "open"


def _start_or_finish(sign: Sign) -> str | None:
    match sign.ticket_state:
        case TicketState.CALLED:
            return "start"
        case TicketState.SERVING:
            return "finish"
        case _:
            return None
