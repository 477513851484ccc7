"""The lamp of a panel: each state reads at a glance, without colours too, and harms nobody."""

from __future__ import annotations

import itertools

import pytest

from hardware.panel.gpio import twin_pins
from hardware.panel.lamp import (
    AMBER,
    BLUE,
    DARK,
    GREEN,
    NOT_TAKEN_S,
    PATTERNS,
    RED,
    Colour,
    GpioLamp,
    LampScript,
    LampState,
    LampTwin,
    Light,
)


def shown(script: LampScript, *, start: float, end: float) -> list[tuple[float, Light]]:
    """Return what the lamp shows from ``start`` to ``end``, evaluated only when a change is due."""
    at, lights = start, [(start, script.light(at=start))]
    while (due := script.next_change(at=at)) is not None and due < end:
        at = due + 1e-6
        light = script.light(at=at)
        if light != lights[-1][1]:
            lights.append((round(at, 3), light))
    return lights


@pytest.mark.parametrize(
    ("state", "colour"),
    [(LampState.FREE, GREEN), (LampState.SERVING, BLUE), (LampState.CLOSED, DARK)],
)
def test_free_serving_and_closed_are_steady(state: LampState, colour: Colour) -> None:
    script = LampScript(state, at=5.0)

    assert script.next_change(at=5.0) is None
    assert script.light(at=500.0) == Light(state, colour)


@pytest.mark.parametrize(
    ("state", "colour", "changes"),
    [
        (LampState.NOBODY, GREEN, [0, 1, 2, 3]),
        (LampState.CALLED, BLUE, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]),
        (LampState.NO_SHOW_POSSIBLE, BLUE, [0, 1.7, 2, 3.7]),
        (LampState.PAUSED, AMBER, [0, 0.3, 3, 3.3]),
        (LampState.FAULT, RED, [0, 0.2, 1, 1.2, 2, 2.2, 3, 3.2]),
    ],
)
def test_nobody_called_paused_and_fault_blink_slowly(state: LampState, colour: Colour, changes: list[float]) -> None:
    lights = shown(LampScript(state, at=0.0), start=0.0, end=3.9)

    assert [at for at, _ in lights] == changes
    assert [light.colour for _, light in lights] == [colour, DARK] * (len(changes) // 2)


def test_a_press_not_taken_flashes_red_three_times_over_what_is_true_and_then_shows_it_again() -> None:
    script = LampScript(LampState.FREE, at=0.0)
    script.show_briefly(LampState.NOT_TAKEN, at=10.0)

    lit, dark = Light(LampState.NOT_TAKEN, RED), Light(LampState.NOT_TAKEN, DARK)
    assert [light for _, light in shown(script, start=10.0, end=20.0)] == [
        *[lit, dark] * 3,
        Light(LampState.FREE, GREEN),
    ]
    assert script.light(at=10.0 + NOT_TAKEN_S) == Light(LampState.FREE, GREEN)


def test_a_state_set_again_does_not_start_its_rhythm_anew() -> None:
    script = LampScript(LampState.CALLED, at=0.0)
    script.set_state(LampState.CALLED, at=0.7)

    assert script.light(at=0.7) == Light(LampState.CALLED, DARK)


def test_states_differ_also_for_who_sees_no_colours() -> None:
    rhythms = {state: (p.on_s, p.off_s, p.colour == DARK) for state, p in PATTERNS.items()}
    alike = {(a, b) for a, b in itertools.combinations(LampState, 2) if rhythms[a] == rhythms[b]}

    assert alike == {(LampState.FREE, LampState.SERVING)}


def test_no_lamp_flashes_more_than_three_times_in_a_second() -> None:
    slow = {state for state, p in PATTERNS.items() if not p.off_s or p.on_s + p.off_s >= 1}

    assert set(LampState) - slow == {LampState.NOT_TAKEN}
    assert round(NOT_TAKEN_S / (PATTERNS[LampState.NOT_TAKEN].on_s + PATTERNS[LampState.NOT_TAKEN].off_s)) == 3


@pytest.mark.parametrize("active_high", [True, False])
def test_the_driver_lights_the_given_pins_and_goes_dark_on_closing(active_high: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    factory = twin_pins()
    lamp = GpioLamp(red=5, green=6, blue=13, active_high=active_high, factory=factory)

    lamp.show(Light(LampState.PAUSED, AMBER))
    levels = [bool(factory.pin(pin).state) for pin in (5, 6, 13)]

    assert levels == [active_high, active_high, not active_high]
    assert lamp.lit == AMBER
    lamp.close()
    assert [factory.pin(pin).function for pin in (5, 6, 13)] == ["input"] * 3
    factory.close()


def test_the_twin_remembers_what_its_pins_carried() -> None:
    factory = twin_pins()
    lamp = LampTwin(red=5, green=6, blue=13, active_high=True, factory=factory)

    lamp.show(Light(LampState.CALLED, BLUE))
    lamp.show(Light(LampState.CALLED, DARK))

    assert [light for _, light in lamp.shown] == [
        Light(LampState.CLOSED, DARK),
        Light(LampState.CALLED, BLUE),
        Light(LampState.CALLED, DARK),
    ]
    lamp.close()
    factory.close()
