"""A key pressed once is one press, short or long, however badly its contact chatters."""

from __future__ import annotations

import itertools
import math
import queue
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.panel.buttons import BOUNCE_S, LONG_S, Debouncer, Edge, GpioButton, PanelKey, PanelTwin, Press
from hardware.panel.gpio import twin_pins


class Contact(NamedTuple):
    """The contact's level changed to ``closed`` at ``at``; ``lost`` when the kernel dropped the edge."""

    at: float
    closed: bool
    lost: bool = False


def presses(contacts: list[Contact], *, long_press: bool = True, until: float = math.inf) -> list[tuple[Press, float]]:
    """Play contacts to a debouncer as the agent does: edges as they come, and reading the pin whenever it is due."""
    debouncer = Debouncer(long_press=long_press)
    made: list[tuple[Press, float]] = []
    for contact, following in itertools.pairwise([*contacts, None]):
        assert contact is not None
        if not contact.lost:
            made += _certain(debouncer.take_edge(pressed=contact.closed, at=contact.at), contact.at)
        end = until if following is None else following.at
        while (due := debouncer.due) is not None and due < end:
            made += _certain(debouncer.take_level(pressed=contact.closed, at=due), due)
    return made


def _certain(press: Press | None, at: float) -> list[tuple[Press, float]]:
    return [] if press is None else [(press, at)]


chatter = st.lists(st.floats(min_value=0.0001, max_value=BOUNCE_S - 0.001), max_size=6).map(
    lambda gaps: gaps if len(gaps) % 2 == 0 else gaps[1:]
)
held = st.one_of(st.floats(BOUNCE_S + 0.001, LONG_S - 0.05), st.floats(LONG_S + 0.001, 60))
strokes = st.lists(st.tuples(chatter, held, chatter, st.floats(BOUNCE_S + 0.001, 5)), min_size=1, max_size=6)


def contacts_of(played: list[tuple[list[float], float, list[float], float]]) -> list[Contact]:
    """Return the contacts of strokes: chatter, a steady hold, chatter, a steady rest."""
    at, closed, contacts = 10.0, False, []
    for closing, hold, opening, rest in played:
        for gap in (*closing, hold, *opening, rest):
            closed = not closed
            contacts.append(Contact(at, closed))
            at += gap
    return contacts


@given(strokes)
def test_each_stroke_is_one_press_and_long_only_when_it_was_held(
    played: list[tuple[list[float], float, list[float], float]],
) -> None:
    made = [press for press, _ in presses(contacts_of(played))]

    assert made == [Press.LONG if hold >= LONG_S else Press.SHORT for _, hold, _, _ in played]


@given(strokes)
def test_without_a_long_press_each_stroke_is_one_short_press(
    played: list[tuple[list[float], float, list[float], float]],
) -> None:
    assert [press for press, _ in presses(contacts_of(played), long_press=False)] == [Press.SHORT] * len(played)


@given(st.lists(st.floats(min_value=0.0001, max_value=3), max_size=30), st.booleans())
def test_no_noise_makes_more_presses_than_times_the_key_was_steadily_down(gaps: list[float], long_press: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    ends = list(itertools.accumulate(gaps, initial=10.0))
    contacts = [Contact(at, closed=index % 2 == 0) for index, at in enumerate(ends)]
    still = sum(
        1
        for a, b in itertools.pairwise([*contacts, Contact(math.inf, closed=False)])
        if a.closed and b.at - a.at >= BOUNCE_S - 1e-9
    )

    assert len(presses(contacts, long_press=long_press)) <= still


@given(strokes, st.data())
def test_edges_lost_by_the_kernel_never_make_a_press_of_their_own(
    played: list[tuple[list[float], float, list[float], float]], data: st.DataObject
) -> None:
    whole = contacts_of(played)
    lost = data.draw(st.lists(st.booleans(), min_size=len(whole), max_size=len(whole)))
    contacts = [contact._replace(lost=gone) for contact, gone in zip(whole, lost, strict=True)]

    assert len(presses(contacts)) <= len(played)


def test_a_glitch_shorter_than_a_bounce_is_nothing() -> None:
    assert presses([Contact(1.0, closed=True), Contact(1.029, closed=False)]) == []


def test_a_short_press_is_certain_once_the_key_is_surely_up() -> None:
    made = presses([Contact(1.0, closed=True), Contact(1.2, closed=False)])

    assert made == [(Press.SHORT, pytest.approx(1.2 + BOUNCE_S))]


def test_a_long_press_is_certain_while_the_key_is_still_held() -> None:
    made = presses([Contact(1.0, closed=True), Contact(9.0, closed=False)])

    assert made == [(Press.LONG, pytest.approx(1.0 + LONG_S))]


def test_a_key_stuck_down_is_one_press_and_needs_no_more_reading() -> None:
    assert presses([Contact(1.0, closed=True)]) == [(Press.LONG, pytest.approx(1.0 + LONG_S))]
    assert presses([Contact(1.0, closed=True)], long_press=False) == [(Press.SHORT, pytest.approx(1.0 + BOUNCE_S))]


def test_a_short_press_whose_release_was_lost_is_not_taken_for_a_long_one() -> None:
    made = presses([Contact(1.0, closed=True), Contact(1.2, closed=False, lost=True)])

    assert [press for press, _ in made] == [Press.SHORT]


def test_a_finger_on_the_twin_makes_edges_on_the_real_driver() -> None:
    edges: queue.SimpleQueue[Edge] = queue.SimpleQueue()
    factory = twin_pins()
    button = GpioButton(PanelKey.CALL, pin=17, factory=factory, on_edge=edges.put)
    panel = PanelTwin({PanelKey.CALL: 17}, factory=factory)

    panel.press(PanelKey.CALL)
    taken = [edges.get(timeout=10), edges.get(timeout=10)]
    panel.press_down(PanelKey.CALL)

    assert [(edge.key, edge.pressed) for edge in taken] == [(PanelKey.CALL, True), (PanelKey.CALL, False)]
    assert taken[1].at - taken[0].at >= PanelTwin.FINGER_S
    assert button.pressed
    button.close()
    factory.close()
