"""The lamp ring of a clerk's panel: the colour and rhythm of each state, the driver, and the twin that remembers.

========== ======= ============================= ==================================================
state      colour  rhythm (seconds on / off)     meaning
========== ======= ============================= ==================================================
free       green   steady                        open, and somebody waits: call
nobody     green   slow, 1.0 / 1.0               open, and nobody waits
called     blue    slow, 0.5 / 0.5               a visitor is on the way here
in_doubt   amber   even, 0.8 / 0.8               a visitor is on the way here, and the one before may still come
no_show_…  blue    a blink, 1.7 / 0.3            who was called may be marked as absent (``no_show_possible``)
serving    blue    steady                        a visitor is being served
paused     amber   a wink, 0.3 / 2.7             the clerk paused the window
closed     dark    --                            closed
fault      red     slow, 0.2 / 0.8               the hub or the broker is away: nothing can be pressed
not_taken  red     fast, 0.1 / 0.1, three times  this press was not taken
========== ======= ============================= ==================================================

No two states share a rhythm but the steady green and the steady blue, so that a clerk who cannot distinguish red,
amber and green still reads the lamp. Amber is red and green together: the LEDs are switched, never dimmed.
"""

from __future__ import annotations

import time
from collections import deque
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gpiozero.output_devices import RGBLED

if TYPE_CHECKING:
    from gpiozero.pins import Factory
    from gpiozero.pins.mock import MockFactory, MockPin


class LampState(StrEnum):
    """What the lamp shows."""

    FREE = "free"
    NOBODY = "nobody"
    CALLED = "called"
    IN_DOUBT = "in_doubt"
    NO_SHOW_POSSIBLE = "no_show_possible"
    SERVING = "serving"
    PAUSED = "paused"
    CLOSED = "closed"
    FAULT = "fault"
    NOT_TAKEN = "not_taken"


class Colour(NamedTuple):
    """Which of the three LEDs are lit."""

    red: bool
    green: bool
    blue: bool


DARK = Colour(red=False, green=False, blue=False)
RED = Colour(red=True, green=False, blue=False)
GREEN = Colour(red=False, green=True, blue=False)
BLUE = Colour(red=False, green=False, blue=True)
AMBER = Colour(red=True, green=True, blue=False)


class Pattern(NamedTuple):
    """A colour lit for ``on_s`` and dark for ``off_s``, over and over; steady when ``off_s`` is 0."""

    colour: Colour
    on_s: float = 1.0
    off_s: float = 0.0

    def at(self, elapsed_s: float) -> Colour:
        """Return what is lit ``elapsed_s`` after the pattern began; it begins lit."""
        return self.colour if elapsed_s % (self.on_s + self.off_s) < self.on_s else DARK

    def change_in_s(self, elapsed_s: float) -> float | None:
        """Return in how many seconds the light changes; None when it never will."""
        if not self.off_s:
            return None
        phase = elapsed_s % (self.on_s + self.off_s)
        return self.on_s - phase if phase < self.on_s else self.on_s + self.off_s - phase


PATTERNS = MappingProxyType(
    {
        LampState.FREE: Pattern(GREEN),
        LampState.NOBODY: Pattern(GREEN, on_s=1.0, off_s=1.0),
        LampState.CALLED: Pattern(BLUE, on_s=0.5, off_s=0.5),
        LampState.IN_DOUBT: Pattern(AMBER, on_s=0.8, off_s=0.8),
        LampState.NO_SHOW_POSSIBLE: Pattern(BLUE, on_s=1.7, off_s=0.3),
        LampState.SERVING: Pattern(BLUE),
        LampState.PAUSED: Pattern(AMBER, on_s=0.3, off_s=2.7),
        LampState.CLOSED: Pattern(DARK),
        LampState.FAULT: Pattern(RED, on_s=0.2, off_s=0.8),
        LampState.NOT_TAKEN: Pattern(RED, on_s=0.1, off_s=0.1),
    }
)
NOT_TAKEN_S = 0.6
"""Length of three fast flashes, seconds; more than three in a second could harm people with photosensitive epilepsy."""
NOBODY_S = 2.0
"""Length of the answer that nobody waits, seconds."""


class Light(NamedTuple):
    """The state that the lamp shows and what of its rhythm is lit just now."""

    state: LampState
    colour: Colour


class LampScript:
    """What the lamp should show at any time: a lasting state, and for a moment the answer to a press over it.

    Times are monotonic seconds and passed in.
    """

    def __init__(self, state: LampState, *, at: float) -> None:
        self._state, self._since = state, at
        self._answer: LampState | None = None
        self._answer_since = self._answer_until = at

    def set_state(self, state: LampState, *, at: float) -> None:
        """Show ``state`` from now on; its rhythm starts anew only when the state changes."""
        if state is not self._state:
            self._state, self._since = state, at

    def show_briefly(self, state: LampState, *, at: float) -> None:
        """Show for a moment how a press went, NOT_TAKEN or NOBODY, over the lasting state."""
        self._answer, self._answer_since = state, at
        self._answer_until = at + (NOT_TAKEN_S if state is LampState.NOT_TAKEN else NOBODY_S)

    def light(self, *, at: float) -> Light:
        """Return what is to be shown at ``at``."""
        state, since = self._present(at)
        return Light(state, PATTERNS[state].at(at - since))

    def next_change(self, *, at: float) -> float | None:
        """Return when the light changes next; None while it will not."""
        state, since = self._present(at)
        change_in = PATTERNS[state].change_in_s(at - since)
        moments = [] if change_in is None else [at + change_in]
        if self._is_answering(at):
            moments.append(self._answer_until)
        return min(moments, default=None)

    def _is_answering(self, at: float) -> bool:
        return self._answer is not None and at < self._answer_until

    def _present(self, at: float) -> tuple[LampState, float]:
        if self._answer is not None and self._is_answering(at):
            return self._answer, self._answer_since
        return self._state, self._since


class Lamp(Protocol):
    """A lamp ring."""

    def show(self, light: Light) -> None:
        """Light the LEDs, until the next call."""
        ...

    def close(self) -> None:
        """Go dark and release the pins."""
        ...


class GpioLamp:
    """An RGB ring, or three LEDs, on three GPIO pins (BCM numbers)."""

    def __init__(self, *, red: int, green: int, blue: int, active_high: bool, factory: Factory) -> None:
        self._leds = RGBLED(red, green, blue, active_high=active_high, pwm=False, pin_factory=factory)

    @property
    def lit(self) -> Colour:
        """Which LEDs the pins light now, read back."""
        return Colour(*(bool(value) for value in self._leds.value))

    def show(self, light: Light) -> None:
        """Light the LEDs, until the next call."""
        self._leds.value = tuple(int(lit) for lit in light.colour)

    def close(self) -> None:
        """Go dark and release the pins."""
        self._leds.off()
        self._leds.close()


class LampShown(NamedTuple):
    """A light that the lamp began to show at a monotonic time; its colour is read back from the pins."""

    at: float
    light: Light


class LampTwin(GpioLamp):
    """The same driver on simulated pins; remembers the last 200 changes."""

    def __init__(self, *, red: int, green: int, blue: int, active_high: bool, factory: MockFactory) -> None:
        super().__init__(red=red, green=green, blue=blue, active_high=active_high, factory=factory)
        self._pins: list[MockPin] = [factory.pin(pin) for pin in (red, green, blue)]
        initial = LampShown(time.monotonic(), Light(LampState.CLOSED, self.lit))
        self._shown: deque[LampShown] = deque([initial], maxlen=200)

    @property
    def shown(self) -> tuple[LampShown, ...]:
        """The lights it has shown, oldest first."""
        return tuple(self._shown)

    def show(self, light: Light) -> None:
        """Light the LEDs and remember it."""
        super().show(light)
        self._shown.append(LampShown(time.monotonic(), Light(light.state, self.lit)))
        for pin in self._pins:
            pin.clear_states()  # the mock pin would remember every change for ever
