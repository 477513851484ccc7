"""The window's own rules: sizes and colours, and what happens to an error in a callback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from display.kivy_window import english_size, larger, rgba
from protocol import theme

PROGRAM = """
import sys
from display import kivy_window

kivy_window.prepare(size=(320, 240), fullscreen=False, offscreen=True, title="guarded")
kivy_window.open_window()
logged = []
kivy_window.guard(logged.append)

from kivy.app import App
from kivy.clock import Clock

app = App()
errors = int(sys.argv[1])
for index in range(errors):
    Clock.schedule_once(lambda _: 1 / 0, 0.05 * index)
Clock.schedule_once(lambda _: app.stop(), 0.05 * errors + 0.2)
try:
    app.run()
finally:
    print(len(logged))
"""


def guarded(errors: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(errors)], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout.strip()


def test_a_few_errors_are_survived() -> None:
    assert guarded(4) == (0, "4")


def test_many_errors_in_a_minute_end_the_process_with_a_code_that_restarts_it() -> None:
    assert guarded(7) == (1, "5")


def test_english_takes_the_nearest_size_of_the_scale() -> None:
    assert [english_size(size, sizes=theme.BOARD_SIZES) for size in theme.BOARD_SIZES] == [40, 40, 64, 96]
    assert [english_size(size, sizes=theme.KIOSK_SIZES) for size in theme.KIOSK_SIZES] == [28, 28, 28, 36, 48, 96]


def test_large_text_is_one_step_up() -> None:
    assert [larger(size, sizes=theme.KIOSK_SIZES) for size in theme.KIOSK_SIZES] == [36, 48, 64, 96, 180, 180]


def test_a_palette_colour_in_kivys_terms() -> None:
    assert rgba("#FF8000", opacity=0.5) == pytest.approx((1.0, 128 / 255, 0.0, 0.5))
