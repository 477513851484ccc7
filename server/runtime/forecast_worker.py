"""The process that forecasts beside a hub: scenes in, forecasts out, until its input ends with the hub.

It says first that it is ready. Then each message is its length in four bytes and a pickle; only the hub that started
the process writes to it.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import sys
import threading
from typing import BinaryIO

from server.domain.forecast.forecast import Forecast, run_simulations
from server.domain.forecast.simulation_input import SimulationInput

HEAD = struct.Struct("!I")
READY = b"ready\n"
LESS_URGENT = 5
"""Added to the process's niceness: a press comes first."""

Question = tuple[SimulationInput, int, int]
"""Scene, samples, seed."""


def main() -> None:
    """Answer until there is nothing more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the hub, which then closes the input
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a hub that was killed reads no answer
    os.nice(LESS_URGENT)
    threading.Thread(target=_end_with_the_hub, daemon=True).start()
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    told.write(READY)
    told.flush()
    while (question := _read(asked)) is not None:
        scene, samples, seed = question
        told.write(packed(run_simulations(scene, samples=samples, seed=seed)))
        told.flush()


def _end_with_the_hub() -> None:
    """End at once when the hub has closed the input, also in the middle of a long forecast that nobody reads."""
    hub = select.poll()
    hub.register(sys.stdin.fileno(), 0)  # the end of the pipe is told unasked
    hub.poll()
    os._exit(0)


def packed(message: Question | Forecast) -> bytes:
    """Return a message as it goes over the pipe."""
    pickled = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(pickled)) + pickled


def _read(source: BinaryIO) -> Question | None:
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    question: Question = pickle.loads(source.read(*HEAD.unpack(head)))  # noqa: S301 - from the hub that started us
    return question


if __name__ == "__main__":
    main()
