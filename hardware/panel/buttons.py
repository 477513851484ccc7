"""The keys of a clerk's panel: from contacts that bounce to one short or long press.

Bounce and holding are decided here on a monotonic clock. gpiozero's ``bounce_time`` and ``when_held`` are not used: the
first ignores every change for a while after a change, so that a short press leaves the key "down"; the second repeats
for ever when the kernel drops the edge of the release.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gpiozero.input_devices import DigitalInputDevice

if TYPE_CHECKING:
    from gpiozero.pins import Factory
    from gpiozero.pins.mock import MockFactory, MockPin

BOUNCE_S = 0.03
"""Settling time: a contact level counts when it has stood still for this long, seconds."""
LONG_S = 1.5
"""Length from which a press is a long one, seconds."""


class PanelKey(StrEnum):
    """The keys of a panel, from left to right."""

    CALL = "call"
    START_FINISH = "start_finish"
    NO_SHOW = "no_show"
    PAUSE = "pause"


class Press(StrEnum):
    """What a clerk did with a key."""

    SHORT = "short"
    LONG = "long"


class Edge(NamedTuple):
    """A key's contact changed, at a monotonic time in seconds."""

    key: PanelKey
    pressed: bool
    at: float


class Debouncer:
    """Turns one key's levels into presses: one at most for each time the key goes down, however it chatters.

    With ``long_press`` a SHORT is returned when the key is released and a LONG as soon as it was held for LONG_S;
    without, every press is SHORT and returned as soon as it is certain. A key that stays down, or whose release edge
    was lost, is one press and never a second. Times are monotonic seconds, passed in.
    """

    def __init__(self, *, long_press: bool) -> None:
        self._long_press = long_press
        self._level = False  # the contact's last known level
        self._level_since = 0.0
        self._down = False  # the level that stood still for BOUNCE_S
        self._down_since = 0.0
        self._returned = True  # the present press was returned

    @property
    def due(self) -> float | None:
        """When to call ``take_level`` if no edge comes before; None while the key is at rest."""
        if self._level != self._down:
            return self._level_since + BOUNCE_S
        if self._down and not self._returned:
            return self._long_at
        return None

    @property
    def _long_at(self) -> float:
        """When a key that is down was held long: not while its contact chatters, which may be its release."""
        return max(self._down_since + LONG_S, self._level_since + BOUNCE_S)

    def take_edge(self, *, pressed: bool, at: float) -> Press | None:
        """Note that the contact changed at ``at``; return a press that became certain until then."""
        press = self._settle(at)
        self._note_level(pressed=pressed, at=at)
        return press

    def take_level(self, *, pressed: bool, at: float) -> Press | None:
        """Note the contact's level, read at ``at`` because it was ``due``; return a press that is certain now.

        The kernel drops edges under load: a level that came without one begins now, so that a short press whose
        release was lost is not taken for a long one.
        """
        self._note_level(pressed=pressed, at=at)
        return self._settle(at)

    def _note_level(self, *, pressed: bool, at: float) -> None:
        if pressed != self._level:
            self._level, self._level_since = pressed, at

    def _settle(self, at: float) -> Press | None:
        """Accept a level that stood still; return a press that this, or the passing of time, makes certain."""
        if self._level != self._down and at >= self._level_since + BOUNCE_S:
            self._down = self._level
            if not self._down:
                return self._return_once(Press.SHORT)
            self._down_since, self._returned = self._level_since, False
        if not (self._down and self._level):
            return None
        if not self._long_press:
            return self._return_once(Press.SHORT)
        return self._return_once(Press.LONG) if at >= self._long_at else None

    def _return_once(self, press: Press) -> Press | None:
        if self._returned:
            return None
        self._returned = True
        return press


class Button(Protocol):
    """One key's contact. It reports its edges as they happen, bounces and all, and can be read at any time."""

    @property
    def pressed(self) -> bool:
        """Whether the contact is closed now."""
        ...

    def close(self) -> None:
        """Release the pin."""
        ...


class GpioButton:
    """A key between a GPIO pin (BCM number) and 0 V, with the Pi's own pull-up."""

    def __init__(self, key: PanelKey, *, pin: int, factory: Factory, on_edge: Callable[[Edge], None]) -> None:
        """``on_edge`` runs on the one thread that serves all pins: it only enqueues and never raises."""
        self._contact = DigitalInputDevice(pin, pull_up=True, bounce_time=None, pin_factory=factory)
        self._contact.when_activated = lambda: on_edge(Edge(key, pressed=True, at=time.monotonic()))
        self._contact.when_deactivated = lambda: on_edge(Edge(key, pressed=False, at=time.monotonic()))

    @property
    def pressed(self) -> bool:
        """Whether the contact is closed now."""
        return bool(self._contact.is_active)

    def close(self) -> None:
        """Release the pin."""
        self._contact.close()


class PanelTwin:
    """A clerk's finger on simulated pins: the same ``GpioButton`` reads them as on a real panel.

    ``press``, ``hold`` and ``bounce`` take as long as a finger takes.
    """

    FINGER_S = 0.06
    """Length of a short press, and of the rest after it, seconds."""

    def __init__(self, pins: Mapping[PanelKey, int], *, factory: MockFactory) -> None:
        self._pins: dict[PanelKey, MockPin] = {key: factory.pin(pin) for key, pin in pins.items()}

    @property
    def keys(self) -> frozenset[PanelKey]:
        """The keys this panel has."""
        return frozenset(self._pins)

    def press_down(self, key: PanelKey) -> None:
        """Close the contact and leave it closed."""
        self._pins[key].drive_low()

    def release(self, key: PanelKey) -> None:
        """Open the contact."""
        self._pins[key].drive_high()

    def press(self, key: PanelKey) -> None:
        """Press and release, shortly."""
        self._close_for(key, seconds=self.FINGER_S)
        self._rest(key)

    def hold(self, key: PanelKey) -> None:
        """Press, hold for longer than LONG_S, and release."""
        self._close_for(key, seconds=LONG_S + 0.2)
        self._rest(key)

    def bounce(self, key: PanelKey) -> None:
        """Press shortly with a worn contact that chatters when it closes and when it opens."""
        self._chatter(key)
        self._close_for(key, seconds=self.FINGER_S)
        self._chatter(key)
        self._rest(key)

    def _close_for(self, key: PanelKey, *, seconds: float) -> None:
        self.press_down(key)
        time.sleep(seconds)
        self.release(key)

    def _chatter(self, key: PanelKey) -> None:
        for _ in range(4):
            self._close_for(key, seconds=0.001)
            time.sleep(0.001)

    def _rest(self, key: PanelKey) -> None:
        """Wait as a finger does before it can press again."""
        self._pins[key].clear_states()  # the mock pin would remember every change for ever
        time.sleep(self.FINGER_S)
