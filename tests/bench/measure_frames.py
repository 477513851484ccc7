"""Press → painted frame: from the moment before the press until a real screen process has shown the call."""

from __future__ import annotations

import time
from pathlib import Path

from bench_hall import bench_hall
from measure_processes import Painted, screen
from percentiles import percentile
from real_hall import until
from sizes import Sizes
from tables import Line

HIGHLIGHT_S = 1.0
"""Calls come farther apart than a call is held on the screen: what is measured is the path, not the queue."""


def frames(folder: Path, sizes: Sizes) -> list[Line]:
    """Press at one window after the other and wait for the frame that shows each call."""
    with bench_hall(folder / "hall") as bench:
        (folder / "screen").mkdir()
        with screen(bench.hall, folder / "screen"):
            painted = Painted(folder / "screen" / "pictures" / "painted.jsonl")
            until(lambda: any(True for _ in painted.new()), what="the screen paints")
            seconds = []
            for _ in range(sizes.frames + 1):
                window, service = bench.next_window()
                bench.issue(service)
                time.sleep(HIGHLIGHT_S * 1.5)
                began = time.monotonic()
                ticket, _ = bench.press(window)
                seconds.append(painted.first_with(ticket["number"]) - began)
                bench.come(window)
    return [
        Line(name=f"press → painted frame, {words}", ours=percentile(seconds[1:], share) * 1000, aim=100, unit="ms")
        for words, share in (("p50", 0.5), ("p99", 0.99))
    ]
