"""The hall board fills a screen of any shape, and its parts do not lie on each other."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from display.layouts.hall_places import LYING, UPRIGHT, HallPlaces, hall_places
from display.layouts.places import DesignSize, Place, design_size

SIDES = st.integers(min_value=320, max_value=4000)


def places_of(whole: Any) -> list[Place]:
    """Every place of the board but those of the newest call, whose parts flow."""
    match whole:
        case Place():
            return [whole]
        case tuple():
            return [place for part in whole for place in places_of(part)]
        case _:
            return [
                p for f in fields(whole) if f.name not in {"size", "newest"} for p in places_of(getattr(whole, f.name))
            ]


@given(width=SIDES, height=SIDES)
def test_a_design_has_the_windows_shape_and_room_for_everything(width: int, height: int) -> None:
    size = design_size((width, height), lying=LYING, upright=UPRIGHT)
    assert size.is_upright is (height > width)
    least = UPRIGHT if size.is_upright else LYING
    assert (size.width, size.height) >= least
    assert abs(size.width / size.height - width / height) < 0.002 * max(1.0, width / height)


@given(width=SIDES, height=SIDES)
def test_parts_stay_on_the_screen_and_rows_apart(width: int, height: int) -> None:
    size = design_size((width, height), lying=LYING, upright=UPRIGHT)
    board = hall_places(size)
    assert all(place.left >= 0 and place.right <= size.width and place.top >= 0 for place in places_of(board))
    rows = [board.newest.row, *(call.row for call in board.older)]
    assert all(upper.top + upper.height <= lower.top for upper, lower in pairwise(rows))
    queues = [(queue.name_zh.top, queue.name_en.top + 52) for queue in board.waiting]
    assert all(upper[1] <= lower[0] for upper, lower in pairwise(queues))
    assert queues[-1][1] <= board.foot.top
    below_calls = board.title.top if size.is_upright else board.foot.top
    assert rows[-1].top + rows[-1].height <= below_calls
    assert all(place.top + place.height <= board.foot.top for place in board.county)


def test_a_usual_screen_has_the_places_it_always_had() -> None:
    board: HallPlaces = hall_places(DesignSize(width=1920, height=1080))
    assert board.newest.row == Place(24, 80, 1240, 256)
    assert board.older[4].number == Place(48, 778, 420, 140)
    assert board.waiting[3].count == Place(1776, 710, 120, 94)
    assert board.foot == Place(0, 912, 1920, 168)


TURNED = """
from display import kivy_window
kivy_window.prepare(size=(1600, 900), fullscreen=False, offscreen=True, title="turned")
kivy_window.open_window()
from display.layouts.sign_layout import SignLayout
from display.layouts.turning_layout import TurningLayout
from display.view_models import sign_view
from runtime.hub_liveness import HubLiveness
from datetime import UTC, datetime
layout = TurningLayout(SignLayout, window=(1600, 900))
layout.paint(sign_view(None, HubLiveness(), now=datetime.now(UTC), at=0.0))
before = layout.words()
children = [tuple(layout.children)]
for size in ((1600, 901), (900, 1600), (900, 1600)):
    layout.size = size
    children.append(tuple(layout.children))
    assert layout.words() == before and before, layout.words()
    assert len(layout.children) == 1
print([earlier == later for earlier, later in zip(children, children[1:])])
"""


def test_a_screen_that_is_turned_shows_the_same_in_its_new_shape() -> None:
    done = subprocess.run([sys.executable, "-c", TURNED], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[False, False, True]"
