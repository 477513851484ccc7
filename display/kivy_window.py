"""The one Kivy window of a kiosk or hall screen: how it is made, guarded and saved as a picture.

Kivy reads its environment and configuration when it is first imported. ``prepare`` therefore comes first in
``main()``, and every module that imports ``kivy`` is imported after it.

Errors::

    NoWindow                    the window cannot be opened; the sentence states the remedy
     └─ MissingSystemLibrary    because Debian does not have a library yet; names the packages
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol import theme
from protocol.faults import BilingualFault
from protocol.settings import Rotation

log = logging.getLogger(__name__)

LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libgbm.so.1": "libgbm1",
    "libGLESv2.so.2": "libgles2",
}
"""Libraries that SDL opens at run time, each with the Debian package that provides it."""


M_MMAP_THRESHOLD = -3
"""Number of the parameter in glibc's <malloc.h>."""
MMAP_THRESHOLD_BYTES = 128 * 1024
"""Size from which a buffer has pages of its own, bytes: glibc's first value, from now on a fixed one."""
STARTED_AFTER_S = 5.0
"""Time after which a window has painted its first pages, seconds: what starting up needed is given back then."""


class NoWindow(BilingualFault, RuntimeError):
    """The window cannot be opened."""


class MissingSystemLibrary(NoWindow):
    """Libraries of the operating system are missing; the sentence names all their Debian packages at once."""

    def __init__(self, *, libraries: Sequence[str]) -> None:
        names, packages = ", ".join(libraries), " ".join(LIBRARIES[library] for library in libraries)
        super().__init__(
            f"打不开窗口: 缺少系统库 {names}，请运行 sudo apt install {packages}",
            f"cannot open a window: {names} not found, run: sudo apt install {packages}",
        )


def prepare(*, size: tuple[int, int], fullscreen: bool, offscreen: bool, title: str, rotation: Rotation = 0) -> None:
    """Choose how the window will open; once, before the first import of any other Kivy module.

    ``size`` in px is for a window that is not full screen. ``rotation`` turns what is drawn, and touches with it,
    within the window, which keeps its size. ``offscreen`` draws a real window into memory, for
    pictures and tests; it is never full screen. ``title`` names the window to the window manager; the title on a
    frame is the Kivy App's own.
    """
    _return_freed_buffers()
    os.environ.update(_environment(offscreen=offscreen, title=title))
    logging.getLogger("kivy").addFilter(_is_news)
    logging.getLogger("kivy").setLevel(logging.ERROR)  # it logs every step of making its own configuration
    import kivy.config  # noqa: PLC0415 - Kivy reads the environment when it is imported

    config: Any = kivy.config.Config
    full = fullscreen and not offscreen
    for section, values in _configuration(size=size, fullscreen=full, rotation=rotation).items():
        for key, value in values.items():
            config.set(section, key, value)
    logging.getLogger("kivy").setLevel(logging.WARNING)
    for provider in [name for name, _ in config.items("input") if name != "mouse"]:
        config.remove_option("input", provider)
    from kivy.clock import Clock  # noqa: PLC0415 - reads the configuration when it is imported

    Clock.schedule_once(lambda _: _trim_heap(), STARTED_AFTER_S)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line of Kivy's log is for a technician.

    Not how it starts, nor, with a traceback, which input libraries are missing: touches come from SDL.
    """
    return record.levelno >= logging.WARNING and "is not supported by your version of linux" not in record.getMessage()


def _return_freed_buffers() -> None:
    """Have glibc give large freed buffers back to the system at once.

    By default it keeps them: each time a buffer of text is freed, glibc raises the size from which it asks the system
    for pages, until all texts come from its heap, which then never shrinks (mallopt(3), M_MMAP_THRESHOLD). 10 MB of a
    screen's memory. Does nothing with another C library.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)


def _trim_heap() -> None:
    """Give back what only starting up needed: the shader compiler's memory above all (malloc_trim(3))."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _environment(*, offscreen: bool, title: str) -> dict[str, str]:
    """Return what Kivy and SDL read from the environment."""
    values = {
        "KIVY_NO_ARGS": "1",
        "KIVY_NO_CONFIG": "1",  # no folder of Kivy's own
        "KIVY_NO_FILELOG": "1",
        "KIVY_LOG_MODE": "PYTHON",
        "KIVY_METRICS_DENSITY": "1",
        "KIVY_WINDOW": "sdl2",  # the x11 fallback ends the process when there is no X server
        "KIVY_IMAGE": "sdl2",  # the provider for Pillow imports all of it, 2 MB
        # Kivy ignores SDL's finger events on Linux: SDL makes one mouse press of a touch, under X, Wayland, KMSDRM
        "SDL_TOUCH_MOUSE_EVENTS": "1",
        "SDL_VIDEO_X11_WMCLASS": title,
        "SDL_VIDEO_WAYLAND_WMCLASS": title,
    }
    if offscreen:
        values["SDL_VIDEODRIVER"] = "offscreen"
    return values


def _configuration(*, size: tuple[int, int], fullscreen: bool, rotation: Rotation) -> dict[str, dict[str, str]]:
    """Return Kivy's own settings, by section."""
    return {
        "kivy": {
            "exit_on_escape": "0",
            "desktop": "1",
        },
        "graphics": {
            "width": str(size[0]),
            "height": str(size[1]),
            "rotation": str(-rotation % 360),  # Kivy turns the other way round
            "fullscreen": "auto" if fullscreen else "0",
            "show_cursor": "0" if fullscreen else "1",
            "resizable": "1",
            "allow_screensaver": "0",
            "multisamples": "0",  # rounded corners smooth themselves; software GL pays dearly for more samples
            "maxfps": "60",
        },
        # Kivy's own probing would read the touch screen a second time beside SDL
        "input": {"mouse": "mouse,disable_multitouch"},
    }


def open_window() -> Any:  # noqa: ANN401 - Kivy ships no types
    """Return Kivy's window, created now; raises NoWindow or MissingSystemLibrary."""
    from kivy.core.window import Window  # noqa: PLC0415 - this import opens the window

    if Window is not None:
        return Window
    if missing := [library for library in LIBRARIES if not _loads(library)]:
        raise MissingSystemLibrary(libraries=missing)
    raise NoWindow(
        "打不开窗口: 没有可用的屏幕，请检查屏幕连线和登录用户的 video、render、input 组，或用 --offscreen 运行",
        "cannot open a window: no screen is available; check the cable and that the user is in the groups "
        "video, render and input, or run with --offscreen",
    )


def _loads(library: str) -> bool:
    """Whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


@dataclass
class _Guard:
    """Kivy's hook for errors in callbacks: a hall screen survives one, and gives up on many in a short time."""

    on_error: Callable[[BaseException], None]
    pass_: int
    raise_: int
    at_most: int = 5
    within_s: float = 60.0

    def __post_init__(self) -> None:
        self._errors_at: deque[float] = deque(maxlen=self.at_most)
        self._let_through: BaseException | None = None

    def handle_exception(self, error: BaseException) -> int:
        """Return whether Kivy goes on, or lets the error end the process so that systemd starts it afresh."""
        if isinstance(error, KeyboardInterrupt | SystemExit) or error is self._let_through:
            return self.raise_
        log.error("an error in a callback of the window", exc_info=error)
        self.on_error(error)
        now = time.monotonic()
        self._errors_at.append(now)
        often = len(self._errors_at) == self.at_most and now - self._errors_at[0] <= self.within_s
        if not often:
            return self.pass_
        self._let_through = error
        return self.raise_


def guard(on_error: Callable[[BaseException], None]) -> None:
    """Keep the window alive over an error in a callback: it is logged and given to ``on_error``.

    The fifth error within a minute is let through: the process ends with a non-zero code and systemd restarts it.
    """
    from kivy.base import ExceptionManager  # noqa: PLC0415 - after prepare()

    manager = ExceptionManager
    manager.add_handler(_Guard(on_error, pass_=manager.PASS, raise_=manager.RAISE))


def save_picture(path: Path) -> None:
    """Save the pixels of the window as it stands, PNG; from the Kivy thread. Works offscreen too."""
    from kivy.clock import Clock  # noqa: PLC0415 - after prepare()
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels  # noqa: PLC0415 - after prepare()
    from kivy.lang import Builder  # noqa: PLC0415 - after prepare()
    from PIL import Image  # noqa: PLC0415 - only who takes pictures pays for it

    window = open_window()
    Builder.sync()
    Clock.tick_draw()
    Builder.sync()
    window.dispatch("on_draw")
    width, height = window.system_size
    pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
    picture = Image.frombytes("RGB", (width, height), pixels).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    partial = path.with_suffix(".part")
    picture.save(partial, format="PNG", compress_level=1)
    partial.replace(path)


def rgba(colour: str, *, opacity: float = 1.0) -> tuple[float, float, float, float]:
    """Return a palette colour (``protocol.theme``, ``#RRGGBB``) as Kivy wants it."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, opacity


def english_size(chinese_px: int, *, sizes: tuple[int, ...]) -> int:
    """Return the size of the scale for English beneath Chinese of ``chinese_px``."""
    wanted = chinese_px * theme.ENGLISH_SCALE
    return min(sizes, key=lambda size: abs(size - wanted))


def larger(px: int, *, sizes: tuple[int, ...]) -> int:
    """Return the next size of the scale (large-text mode), or the largest."""
    return next((size for size in sizes if size > px), sizes[-1])
