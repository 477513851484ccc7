"""All window agents of the demo in one process, with simulated panels: ``python -m demo.devices.panel_agents FILE…``.

In a real hall each window has its own Raspberry Pi and runs ``jiaohao-window``. A process for each window of a county
would be too much for one small machine: here each agent is a thread, and otherwise the same.
"""

from __future__ import annotations

import argparse
import queue
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from hardware.panel.window_agent import AgentEvent, Stop, serve_panel
from hardware.panel.window_settings import WindowSettings
from protocol.settings import load_settings
from runtime.line_socket import SocketFault
from runtime.run_command import DONE, FAILED, command_parser, run_command

POLL_S = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all panels until SIGTERM or Ctrl-C; exit code 1 when one of them ends by itself."""
    parser = command_parser("demo.devices.panel_agents", description=__doc__, log_level="warning")
    parser.add_argument("settings", type=Path, nargs="+", help="the windows' TOML files")
    return run_command(parser, _run, arguments)


def _run(options: argparse.Namespace) -> int:
    panels = [_Panel(load_settings(WindowSettings, path)) for path in options.settings]
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    for panel in panels:
        panel.start()
    while not ended.wait(POLL_S) and all(panel.is_alive() for panel in panels):
        pass
    for panel in panels:
        panel.stop()
    for panel in panels:
        panel.join()
    return DONE if ended.is_set() else FAILED


class _Panel(threading.Thread):
    """The thread of one window's agent."""

    def __init__(self, settings: WindowSettings) -> None:
        super().__init__(name=settings.window)
        self._settings = settings
        self._events: queue.SimpleQueue[AgentEvent] = queue.SimpleQueue()

    def run(self) -> None:
        try:
            serve_panel(self._settings, twin=True, events=self._events)
        except SocketFault as error:
            print(error, file=sys.stderr)

    def stop(self) -> None:
        """Let the agent end in good order; do not wait."""
        self._events.put(Stop.NOW)


if __name__ == "__main__":
    sys.exit(main())
