"""Paints pickled views offscreen and writes what each shows: ``python paint_views.py FILE FOLDER WIDTH HEIGHT``."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

from display import kivy_window
from display.view_models import HallView


def main() -> None:
    views, folder = pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2])
    size = int(sys.argv[3]), int(sys.argv[4])
    kivy_window.prepare(size=size, fullscreen=False, offscreen=True, title="views")
    window = kivy_window.open_window()
    from kivy.base import EventLoop  # noqa: PLC0415 - Kivy comes after prepare()

    from display.layouts.hall_layout import HallLayout  # noqa: PLC0415
    from display.layouts.sign_layout import SignLayout  # noqa: PLC0415
    from display.layouts.turning_layout import TurningLayout  # noqa: PLC0415

    layouts = {kind: TurningLayout(kind, window=size) for kind in (HallLayout, SignLayout)}
    EventLoop.start()
    EventLoop.idle()
    for name, view in views.items():
        layout = layouts[HallLayout if isinstance(view, HallView) else SignLayout]
        for other in list(window.children):
            window.remove_widget(other)
        window.add_widget(layout)
        layout.paint(view)
        kivy_window.save_picture(folder / f"{name}.png")
        (folder / f"{name}.json").write_text(json.dumps(layout.words()), encoding="utf-8")


main()
