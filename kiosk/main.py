"""The kiosk's command: ``jiaohao-kiosk --settings kiosk.toml [--offscreen]``."""

from __future__ import annotations

import argparse
import logging
import sys
from contextlib import nullcontext
from pathlib import Path

from display import kivy_window
from kiosk.settings import KioskSettings
from protocol.settings import SettingsError, load_settings


def main() -> None:
    """Run one kiosk until SIGTERM or Ctrl-C; exit code 2 for wrong settings, 1 where no window can be opened."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    asked = _arguments()
    try:
        settings = load_settings(KioskSettings, asked.settings)
    except SettingsError as error:
        _leave(error, code=2)
    try:
        _run(settings, offscreen=asked.offscreen)
    except (kivy_window.NoWindow, OSError) as error:
        _leave(error, code=1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jiaohao-kiosk", description="The kiosk at which visitors take a number.")
    parser.add_argument("--settings", type=Path, required=True, help="the kiosk's TOML file")
    parser.add_argument("--offscreen", action="store_true", help="draw into memory, where there is no screen")
    return parser.parse_args()


def _leave(error: Exception, *, code: int) -> None:
    print(error, file=sys.stderr)  # noqa: T201 - one sentence for the technician at the terminal
    raise SystemExit(code) from None


def _run(settings: KioskSettings, *, offscreen: bool) -> None:
    window = settings.window
    kivy_window.prepare(
        size=(window.width, window.height), fullscreen=window.fullscreen, offscreen=offscreen, title="jiaohao kiosk"
    )
    kivy_window.open_window()
    kivy_window.register_fonts()
    from kiosk.app import KioskApp  # noqa: PLC0415 - Kivy reads its settings when it is first imported
    from kiosk.remote import serve_remote  # noqa: PLC0415

    app = KioskApp(settings)
    kivy_window.guard(app.begin_anew)
    remote = settings.remote_control
    with serve_remote(remote, state=app.state) if remote else nullcontext():
        app.run()


if __name__ == "__main__":
    main()
