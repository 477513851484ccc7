"""What a panel knows of its window, and what a press means there. Pure: times are monotonic seconds, passed in."""

from __future__ import annotations

from types import MappingProxyType

from hardware.panel.buttons import PanelKey, Press
from hardware.panel.lamp import LampState
from protocol.retained_messages import HubStatus, Sign
from protocol.vocabulary import TicketState, WindowAction, WindowState
from runtime.hub_liveness import HubLiveness, NewestMessage


class PanelState:
    """The window's newest sign, and whether it still counts.

    It counts while the hub is alive and the last press was answered, or a live heartbeat has come since. Liveness
    includes the broker: a call that no screen can show must not be made.
    """

    def __init__(self) -> None:
        self._signs: NewestMessage[Sign] = NewestMessage()
        self._no_show_at: float | None = None
        self._liveness = HubLiveness()

    @property
    def sign(self) -> Sign | None:
        """The newest sign of this window."""
        return self._signs.message

    @property
    def no_show_at(self) -> float | None:
        """Time from which the called visitor may be marked as absent; None where no rule forbids it."""
        return self._no_show_at

    def receive_sign(self, sign: Sign, *, at: float, replayed: bool = False) -> None:
        """Take a sign, unless it is older than the newest one. Its countdown starts at ``at``."""
        self._signs = self._signs.with_message(sign, replayed=replayed)
        if self.sign is sign:
            self._no_show_at = None if sign.no_show_in_s is None else at + sign.no_show_in_s

    def receive_status(self, status: HubStatus, *, replayed: bool, at: float) -> None:
        """Take the hub's status; ``replayed`` when the broker had retained it."""
        if self._liveness.is_restart(status):
            self._signs = self._signs.with_restart()
        self._liveness = self._liveness.with_status(status, replayed=replayed, at=at)

    def set_broker(self, *, connected: bool) -> None:
        """Note that the connection to the broker was made or lost."""
        self._liveness = self._liveness.with_broker(connected=connected)

    def note_unanswered_press(self) -> None:
        """Count the hub as away until its next live heartbeat: a press got no answer."""
        self._liveness = self._liveness.with_unanswered_request()

    def is_hub_away(self, *, at: float) -> bool:
        """Whether the hub cannot be reached, or cannot reach the hall."""
        return self.sign is None or self._liveness.is_silent or self._liveness.is_stale(at)

    @property
    def stale_at(self) -> float | None:
        """Until when the hub counts as alive without another heartbeat; None before the first."""
        return self._liveness.stale_at

    def _called_lamp(self, sign: Sign, *, at: float) -> LampState:
        if sign.in_doubt is not None:
            return LampState.IN_DOUBT
        may_be_absent = self._no_show_at is not None and at >= self._no_show_at
        return LampState.NO_SHOW_POSSIBLE if may_be_absent else LampState.CALLED

    def lamp_state(self, *, at: float) -> LampState:
        """Return what the lamp has to show: the hub's truth, never what the clerk hopes for."""
        if self.sign is None or self.is_hub_away(at=at):
            return LampState.FAULT
        match self.sign.ticket_state, self.sign.state:
            case TicketState.CALLED, _:
                return self._called_lamp(self.sign, at=at)
            case TicketState.SERVING, _:
                return LampState.SERVING
            case _, WindowState.CLOSED:
                return LampState.CLOSED
            case _, WindowState.PAUSED:
                return LampState.PAUSED
        return LampState.FREE if self.sign.waiting else LampState.NOBODY


_LONG_PRESS_ACTIONS = MappingProxyType(
    {PanelKey.START_FINISH: WindowAction.CONFIRM_SERVED, PanelKey.NO_SHOW: WindowAction.CONFIRM_ABSENT},
)
"""Actions of long presses about the visitor who was called before."""
LONG_KEYS = frozenset({PanelKey.CALL, *_LONG_PRESS_ACTIONS})
"""Keys that mean something else when they are held long."""


def action_for(key: PanelKey, press: Press, sign: Sign) -> WindowAction | None:
    """Return the hub's window action for a press while the sign is this; None when the key means nothing then.

    Held long, "start" and "no-show" are about the visitor called before, of whom nobody recorded whether they came.
    """
    if press is Press.LONG and sign.in_doubt and key in _LONG_PRESS_ACTIONS:
        return _LONG_PRESS_ACTIONS[key]
    match key:
        case PanelKey.CALL:
            return WindowAction.RECALL if press is Press.LONG else WindowAction.CALL_NEXT
        case PanelKey.START_FINISH:
            return _start_or_finish(sign)
        case PanelKey.NO_SHOW:
            return WindowAction.NO_SHOW
        case PanelKey.PAUSE:
            return WindowAction.PAUSE if sign.state is WindowState.OPEN else WindowAction.OPEN


def _start_or_finish(sign: Sign) -> WindowAction | None:
    match sign.ticket_state:
        case TicketState.CALLED:
            return WindowAction.START
        case TicketState.SERVING:
            return WindowAction.FINISH
        case _:
            return None
