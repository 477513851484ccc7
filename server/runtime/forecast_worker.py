"""The forecast process of a server: simulation inputs in, forecasts out, until its input ends with the server.

It first reports that it is ready. Then each message is its length in four bytes and a pickle; only the server that
started the process writes to it.
"""

from __future__ import annotations

import logging
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

log = logging.getLogger(__name__)

HEAD = struct.Struct("!I")
READY = b"ready\n"
NICENESS = 5
"""Increment of the process's niceness: the server's commands have precedence."""

ForecastRequest = tuple[SimulationInput, int, int]
"""Simulation input, number of samples, seed."""


def main() -> None:
    """Answer requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes the input
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a server that was killed reads no answer
    _lower_priority()
    threading.Thread(target=_exit_with_server, daemon=True).start()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(READY)
    answers.flush()
    while (request := _read(requests)) is not None:
        given, samples, seed = request
        answers.write(packed(run_simulations(given, samples=samples, seed=seed)))
        answers.flush()


def _lower_priority() -> None:
    """Let the server's commands come first; where the system forbids it, forecasts come all the same."""
    try:
        os.nice(NICENESS)
    except OSError as error:
        log.warning("预测进程不能降低优先级 / the forecasting process keeps its priority: %s", error.strerror)


def _exit_with_server() -> None:
    """Exit as soon as the server closes the input, even during a long forecast: nobody would read it."""
    pipe = select.poll()
    pipe.register(sys.stdin.fileno(), 0)  # POLLHUP is reported without being requested
    pipe.poll()
    os._exit(0)


def packed(message: ForecastRequest | Forecast) -> bytes:
    """Return a message in the form that goes over the pipe."""
    pickled = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(pickled)) + pickled


def _read(source: BinaryIO) -> ForecastRequest | None:
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    request: ForecastRequest = pickle.loads(source.read(*HEAD.unpack(head)))  # noqa: S301 - from the server that started us
    return request


if __name__ == "__main__":
    main()
