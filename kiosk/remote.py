"""Sees and touches a running kiosk through a unix socket: for tests, the demo and remote support. Off by default.

One JSON object a line, answered by one a line (``kiosk.remote_client`` speaks it):

``{"ask": "state"}``
    page, language, large, warning (seconds or null), ticket, number, paper, typed, arrived (its number),
    ``takes_touch``, every one of ``texts``, and ``targets``: touch, words and x, y, w, h in px of the screen from the
    top left.
``{"ask": "touch", "x": 960, "y": 540}``
    ``{"done": "touch"}`` after a finger went down and up there, handled like any other finger.
``{"ask": "scan", "text": "b3T5xY0q9LmZ2w1k"}``
    ``{"done": "scan"}`` after the text was typed as a scanner types it, with Enter.
``{"ask": "picture", "path": "/tmp/kiosk.png"}``
    ``{"done": "picture"}`` when the file is written.
anything else
    ``{"error": "…"}``

Whoever may open the socket may touch the kiosk: it is made for its owner alone.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer
from typing import Any, TypeVar

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.input.motionevent import MotionEvent
from kivy.input.provider import MotionEventProvider

from display.kivy_window import save_picture
from kiosk.scanned_keys import keys_of

log = logging.getLogger(__name__)

_WITHIN_S = 10.0
Result = TypeVar("Result")


class RemoteFault(OSError):
    """The socket cannot be opened; ``str()`` is the sentence for the technician."""


class _RemoteTouch(MotionEvent):
    """A finger from far away, where 0, 0 is the lower left corner and 1, 1 the upper right."""

    def depack(self, args: tuple[float, float]) -> None:
        self.profile = ["pos"]
        self.sx, self.sy = args
        super().depack(args)


class RemoteFinger(MotionEventProvider):
    """An input device of Kivy's, beside the touch screen's."""

    def __init__(self) -> None:
        super().__init__("remote", "")
        self._due: queue.SimpleQueue[tuple[float, float, Future[None]]] = queue.SimpleQueue()
        self._count = 0

    def touch(self, sx: float, sy: float) -> None:
        """Put a finger down and lift it; from any thread but Kivy's. Returns when the kiosk has noticed."""
        done: Future[None] = Future()
        self._due.put((sx, sy, done))
        done.result(_WITHIN_S)

    def update(self, dispatch_fn: Callable[[str, MotionEvent], None]) -> None:
        """Hand over the touches that came; Kivy calls this in every frame."""
        while not self._due.empty():
            sx, sy, done = self._due.get()
            self._count += 1
            touch = _RemoteTouch(self.device, f"remote{self._count}", (sx, sy), is_touch=True, type_id="touch")
            dispatch_fn("begin", touch)
            touch.update_time_end()
            dispatch_fn("end", touch)
            done.set_result(None)


def on_kivy_thread(do: Callable[[], Result]) -> Result:
    """Do something on the thread that draws, and return its result; from any other thread."""
    done: Future[Result] = Future()

    def now(_: float) -> None:
        try:
            done.set_result(do())
        except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
            done.set_exception(error)

    Clock.schedule_once(now)
    return done.result(_WITHIN_S)


@contextmanager
def serve_remote(path: Path, *, state: Callable[[], dict[str, Any]]) -> Iterator[None]:
    """Take lines on the unix socket ``path`` until the block ends; ``state`` is asked on Kivy's thread.

    Raises RemoteFault when the socket cannot be made.
    """
    finger = RemoteFinger()
    EventLoop.add_input_provider(finger)

    class Line(StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                self.wfile.write(
                    json.dumps(obey(line, finger=finger, state=state), ensure_ascii=False).encode() + b"\n"
                )

    path.unlink(missing_ok=True)
    try:
        server = ThreadingUnixStreamServer(str(path), Line)
        path.chmod(0o600)
    except OSError as error:
        raise RemoteFault(f"打不开远程接口 {path} / cannot open the remote control {path}: {error}") from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="remote", daemon=True).start()
    log.warning("this kiosk can be seen and touched through %s", path)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        path.unlink(missing_ok=True)


def _type(text: str) -> None:
    """Press a scanner's keys, as the window tells them."""
    window = EventLoop.window
    for key, modifiers in keys_of(text):
        window.dispatch("on_key_down", key, 0, chr(key), modifiers)


def obey(line: bytes, *, finger: RemoteFinger, state: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do what a line says and return the answer."""
    try:
        match json.loads(line):
            case {"ask": "state"}:
                return on_kivy_thread(state)
            case {"ask": "touch", "x": int() | float() as x, "y": int() | float() as y}:
                width, height = on_kivy_thread(lambda: tuple(EventLoop.window.system_size))
                finger.touch(x / max(1, width - 1), 1 - y / max(1, height - 1))
                return {"done": "touch"}
            case {"ask": "scan", "text": str() as text}:
                on_kivy_thread(lambda: _type(text))
                return {"done": "scan"}
            case {"ask": "picture", "path": str() as path}:
                on_kivy_thread(lambda: save_picture(Path(path)))
                return {"done": "picture"}
            case other:
                return {"error": f"听不懂 / not understood: {other!r}; ask for state, touch, scan or picture"}
    except (OSError, ValueError) as error:
        return {"error": str(error)}
