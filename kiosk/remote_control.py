"""Remote control of a running kiosk through a unix socket: for tests, the demo and remote support. Off by default.

One JSON object a line, answered by one a line (``kiosk.remote_kiosk`` is the other end):

``{"command": "snapshot"}``
    page, language, large, warning (seconds or null), ticket, number, paper, typed, checked_in (the number),
    ``takes_touch``, every one of ``texts``, and ``targets``: touch, text and x, y, w, h in px of the screen from the
    top left.
``{"command": "touch", "x": 960, "y": 540}``
    ``{"done": "touch"}`` after a finger went down and up there, which counts like any other finger.
``{"command": "scan", "text": "b3T5xY0q9LmZ2w1k"}``
    ``{"done": "scan"}`` after the text was typed as a scanner types it, with Enter.
``{"command": "picture", "path": "/tmp/kiosk.png"}``
    ``{"done": "picture"}`` when the screenshot is written.
anything else
    ``{"error": "…"}``

Whoever may open the socket may operate the kiosk: its permissions are its owner's alone.
"""

from __future__ import annotations

import json
import logging
import queue
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.input.motionevent import MotionEvent
from kivy.input.provider import MotionEventProvider

from display.kivy_window import save_picture
from kiosk.scanned_keys import keys_of
from kiosk.screens.display_list import DisplayList, TouchTarget
from kiosk.state.events import Touch
from kiosk.state.kiosk_state import KioskState, takes_touch
from runtime.line_socket import serve_lines

log = logging.getLogger(__name__)

_WITHIN_S = 10.0
"""Longest time a command waits for Kivy's thread, seconds."""
Result = TypeVar("Result")


def snapshot_of(
    state: KioskState, display_list: DisplayList, *, warning: int | None, scale: float, at: float
) -> dict[str, Any]:
    """Return what is on the screen as JSON values; ``warning`` is the countdown painted there, in seconds."""
    printout, checked_in = state.printout, state.checked_in
    return {
        "page": display_list.page.value,
        "language": state.language.value,
        "large": state.large,
        "warning": warning,
        "takes_touch": takes_touch(state, at=at),
        "ticket": printout.ticket_id if printout else None,
        "number": printout.number if printout else None,
        "typed": state.typed,
        "checked_in": checked_in.ticket.number if checked_in else None,
        "paper": printout.progress.value if printout else None,
        "texts": list(display_list.texts),
        "targets": [_target(target, scale) for target in display_list.targets],
    }


def name_of(touch: Touch) -> str:
    """Return a touch's name, such as ``start`` or ``choose-service:id-card``."""
    parts = re.findall("[A-Z][a-z]*", type(touch).__name__)
    values = [str(getattr(touch, field.name)) for field in fields(touch)]
    return ":".join(["-".join(parts).lower(), *values])


def _target(target: TouchTarget, scale: float) -> dict[str, Any]:
    rect = target.rect
    return {
        "touch": name_of(target.touch),
        "text": target.text,
        "x": rect.x * scale,
        "y": rect.y * scale,
        "w": rect.w * scale,
        "h": rect.h * scale,
    }


class _RemoteTouch(MotionEvent):
    """A remote finger, where 0, 0 is the lower left corner and 1, 1 the upper right."""

    def depack(self, args: tuple[float, float]) -> None:
        self.profile = ["pos"]
        self.sx, self.sy = args
        super().depack(args)


class RemoteFinger(MotionEventProvider):
    """An input device of Kivy's, in addition to the touch screen."""

    def __init__(self) -> None:
        super().__init__("remote", "")
        self._due: queue.SimpleQueue[tuple[float, float, Future[None]]] = queue.SimpleQueue()
        self._count = 0

    def touch(self, sx: float, sy: float) -> None:
        """Put a finger down and lift it, from any thread but Kivy's; return when the kiosk has taken the touch."""
        done: Future[None] = Future()
        self._due.put((sx, sy, done))
        done.result(_WITHIN_S)

    def update(self, dispatch_fn: Callable[[str, MotionEvent], None]) -> None:
        """Dispatch the touches that came; Kivy calls this in every frame."""
        while not self._due.empty():
            sx, sy, done = self._due.get()
            self._count += 1
            touch = _RemoteTouch(self.device, f"remote{self._count}", (sx, sy), is_touch=True, type_id="touch")
            dispatch_fn("begin", touch)
            touch.update_time_end()
            dispatch_fn("end", touch)
            done.set_result(None)


def run_on_kivy_thread(function: Callable[[], Result]) -> Result:
    """Call a function on the thread that draws, from any other thread, and return its result."""
    done: Future[Result] = Future()

    def call(_: float) -> None:
        try:
            done.set_result(function())
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            done.set_exception(error)

    Clock.schedule_once(call)
    return done.result(_WITHIN_S)


@contextmanager
def serve_remote(path: Path, *, take_snapshot: Callable[[], dict[str, Any]]) -> Iterator[None]:
    """Execute commands from the unix socket ``path`` until the block ends; ``take_snapshot`` runs on Kivy's thread.

    Raises SocketFault when the socket cannot be made.
    """
    finger = RemoteFinger()
    EventLoop.add_input_provider(finger)
    with serve_lines(path, partial(execute, finger=finger, take_snapshot=take_snapshot)):
        log.warning("this kiosk can be operated through %s", path)
        yield


def _type(text: str) -> None:
    """Press a scanner's keys, as the window dispatches them."""
    window = EventLoop.window
    for key, modifiers in keys_of(text):
        window.dispatch("on_key_down", key, 0, chr(key), modifiers)


def execute(line: bytes, *, finger: RemoteFinger, take_snapshot: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Execute one line's command and return the answer."""
    try:
        match json.loads(line):
            case {"command": "snapshot"}:
                return run_on_kivy_thread(take_snapshot)
            case {"command": "touch", "x": int() | float() as x, "y": int() | float() as y}:
                width, height = run_on_kivy_thread(lambda: tuple(EventLoop.window.system_size))
                finger.touch(x / max(1, width - 1), 1 - y / max(1, height - 1))
                return {"done": "touch"}
            case {"command": "scan", "text": str() as text}:
                run_on_kivy_thread(lambda: _type(text))
                return {"done": "scan"}
            case {"command": "picture", "path": str() as path}:
                run_on_kivy_thread(lambda: save_picture(Path(path)))
                return {"done": "picture"}
            case other:
                return {
                    "error": f"不认识的命令 / unknown command: {other!r}; there are snapshot, touch, scan and picture"
                }
    except (OSError, ValueError) as error:
        return {"error": str(error)}
