"""Paints pickled display lists offscreen: ``python paint_display_lists.py FILE FOLDER WIDTH HEIGHT``."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from display import kivy_window


def main() -> None:
    display_lists, folder = pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2])
    size = int(sys.argv[3]), int(sys.argv[4])
    kivy_window.prepare(size=size, fullscreen=False, offscreen=True, title="pages")
    window = kivy_window.open_window()
    from kivy.base import EventLoop  # noqa: PLC0415 - Kivy comes after prepare()

    from kiosk.screens.painter import Painter  # noqa: PLC0415

    painter = Painter(on_choice=lambda _: None, on_format=lambda _: None)
    window.add_widget(painter)
    EventLoop.start()
    EventLoop.idle()
    assert (painter.width, painter.height) == size, painter.size
    for name, display_list in display_lists.items():
        painter.show(display_list)
        kivy_window.save_picture(folder / f"{name}.png")


main()
