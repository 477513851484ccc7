"""Puts a scanner's keys into SDL's own queue, beneath Kivy, and prints the text that the kiosk reads."""

from __future__ import annotations

import ctypes
import sys
import time
from pathlib import Path

from display import kivy_window
from kiosk.scanned_keys import ScannedKeys, keys_of

DOWN, UP = 0x300, 0x301
LEFT_SHIFT = 0x40000000 | 225


class Keysym(ctypes.Structure):
    _fields_ = (
        ("scancode", ctypes.c_int),
        ("sym", ctypes.c_int32),
        ("mod", ctypes.c_uint16),
        ("unused", ctypes.c_uint32),
    )


class KeyEvent(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("window", ctypes.c_uint32),
        ("state", ctypes.c_uint8 * 4),
        ("keysym", Keysym),
        ("rest_of_the_union", ctypes.c_uint8 * 64),
    )


def main() -> None:
    kivy_window.prepare(size=(640, 480), fullscreen=False, offscreen=True, title="keys")
    window = kivy_window.open_window()
    from kivy.base import runTouchApp, stopTouchApp  # noqa: PLC0415 - Kivy comes after prepare()
    from kivy.clock import Clock  # noqa: PLC0415
    from kivy.uix.widget import Widget  # noqa: PLC0415

    mapped = Path("/proc/self/maps").read_text().splitlines()
    sdl = ctypes.CDLL(next(line.split()[-1] for line in mapped if "/libSDL2-2" in line))
    keys = ScannedKeys()

    def push(kind: int, key: int, *, shift: bool) -> None:
        event = KeyEvent(type=kind, window=1, keysym=Keysym(sym=key, mod=int(shift)))
        assert sdl.SDL_PushEvent(ctypes.byref(event)) == 1

    def press(_window: object, key: int, _scancode: int, _text: str, modifiers: list[str]) -> bool:
        text = keys.press(key, modifiers, at=time.monotonic())
        if text is not None:
            print(text)  # noqa: T201 - the answer to the test
            stopTouchApp()
        return True

    def type_all(_: float) -> None:
        for key, modifiers in keys_of(sys.argv[1]):
            shift = bool(modifiers)
            if shift:
                push(DOWN, LEFT_SHIFT, shift=True)
            push(DOWN, key, shift=shift)
            push(UP, key, shift=shift)
            if shift:
                push(UP, LEFT_SHIFT, shift=False)

    window.bind(on_key_down=press)
    Clock.schedule_once(type_all)
    runTouchApp(Widget())


main()
