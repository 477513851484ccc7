"""The kiosk's command: ``jiaohao-kiosk --settings kiosk.toml [--offscreen]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from display import kivy_window
from kiosk.settings import KioskSettings
from protocol.settings import load_settings
from runtime.hall_connections import hub_client
from runtime.run_command import DONE, add_check_option, add_settings_option, command_parser, report_sound, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one kiosk until SIGTERM or Ctrl-C; return the exit code (``runtime.run_command``), 1 without a window."""
    parser = command_parser("jiaohao-kiosk", description="The kiosk at which visitors take a number.")
    add_settings_option(parser)
    add_check_option(parser)
    parser.add_argument("--offscreen", action="store_true", help="draw into memory, where there is no screen")
    return run_command(parser, _run, arguments, failures=(kivy_window.NoWindow,))


def _run(options: argparse.Namespace) -> int:
    settings = load_settings(KioskSettings, options.settings)
    if options.check:
        hub_client(settings.hub, tls=settings.tls)
        return report_sound(options.settings)
    window = settings.window
    kivy_window.prepare(
        size=(window.width, window.height),
        fullscreen=window.fullscreen,
        rotation=window.rotation,
        offscreen=options.offscreen,
        title="jiaohao kiosk",
    )
    kivy_window.open_window()
    from kiosk.app import KioskApp  # noqa: PLC0415 - Kivy reads its settings when it is first imported
    from kiosk.remote_control import serve_remote  # noqa: PLC0415

    app = KioskApp(settings)
    kivy_window.guard(app.reset)
    remote = settings.remote_control
    with serve_remote(remote, take_snapshot=app.snapshot) if remote else nullcontext():
        app.run()
    return DONE


if __name__ == "__main__":
    sys.exit(main())
