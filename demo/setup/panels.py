"""The window agents of a hall in one process, each with its simulated panel: ``python -m demo.setup.panels FILE…``.

In a real hall each window has its own Raspberry Pi and runs ``jiaohao-window``. Twelve such processes would be too
much for one small machine; here each agent is a thread of this one, and otherwise the same.
"""

from __future__ import annotations

import argparse
import logging
import queue
import signal
import sys
import threading
from pathlib import Path

from hardware.panel.twin_control import ControlFault
from hardware.panel.window_agent import AgentEvent, Stop, serve_panel
from hardware.panel.window_settings import WindowSettings
from protocol.settings import SettingsError, load_settings


def main() -> int:
    """Serve all panels until SIGTERM or Ctrl-C; exit code 1 when one of them cannot go on."""
    arguments = argparse.ArgumentParser(prog="demo.setup.panels", description=__doc__)
    arguments.add_argument("settings", type=Path, nargs="+", help="the windows' TOML files")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        panels = [_Panel(load_settings(WindowSettings, path)) for path in arguments.parse_args().settings]
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    for panel in panels:
        panel.start()
    while not ended.wait(0.5) and all(panel.is_alive() for panel in panels):
        pass
    for panel in panels:
        panel.leave()
    for panel in panels:
        panel.join()
    return 0 if ended.is_set() else 1


class _Panel(threading.Thread):
    """One window's agent."""

    def __init__(self, settings: WindowSettings) -> None:
        super().__init__(name=settings.window)
        self._settings = settings
        self._events: queue.SimpleQueue[AgentEvent] = queue.SimpleQueue()

    def run(self) -> None:
        try:
            serve_panel(self._settings, twin=True, events=self._events)
        except ControlFault as error:
            print(error, file=sys.stderr)

    def leave(self) -> None:
        """Say goodbye and end; do not wait."""
        self._events.put(Stop.NOW)


if __name__ == "__main__":
    sys.exit(main())
