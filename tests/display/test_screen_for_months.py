"""A screen runs for months: what it paints must not grow it, and a call must be seen at once."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from protocol.retained_messages import ServiceQueue

pytestmark = pytest.mark.timeout(400)

WARM_UP = 400
BOARDS = 1100
GROWTH_MB = 12
"""The allocator still settles by a few MB; one texture kept for each board would be hundreds."""


def test_thousands_of_boards_do_not_grow_the_screen_and_each_is_seen_at_once(
    hub: Any, busy_queues: list[ServiceQueue], start_screen: Callable[..., Any], until: Callable[..., Any]
) -> None:
    screen = start_screen(width="320", height="240", highlight_s="1.0", page_s="3.0")
    hub.publish_board()
    screen.painted(lambda view: view["seq"] == 1, within_s=30)
    process = psutil.Process(screen.process.pid)
    published_at: dict[int, float] = {}

    def feed(boards: int) -> None:
        """Show boards one after another, each painted before the next, with ever new numbers and counts."""
        for _ in range(boards):
            index = hub.seq
            hub.call(f"{'ABCDEFG'[index % 7]}{index % 1000:03d}", str(1 + index % 12))
            hub.waiting = [queue.model_copy(update={"waiting": (index + 7) % 90}) for queue in busy_queues]
            published_at[hub.seq + 1] = time.monotonic()
            hub.publish_board()
            screen.follow(hub.seq)

    feed(WARM_UP)
    before = process.memory_info().rss
    files = process.num_fds()
    feed(BOARDS)
    grown_mb = (process.memory_info().rss - before) / 1e6
    assert grown_mb < GROWTH_MB
    until(lambda: process.num_fds() <= files, within_s=10, what="no file stays open")

    seen = {line["view"]["seq"]: line["monotonic_s"] for line in reversed(screen.lines())}
    waits_ms = sorted((seen[seq] - at) * 1000 for seq, at in published_at.items())
    assert len(waits_ms) == WARM_UP + BOARDS
    print(  # noqa: T201 - the figures belong to the proof
        f"\n{BOARDS} boards: grown {grown_mb:.1f} MB to {process.memory_info().rss / 1e6:.0f} MB; published -> "
        f"frame shown p50 {statistics.median(waits_ms):.0f} ms, p99 {waits_ms[len(waits_ms) * 99 // 100]:.0f} ms"
    )
    assert statistics.median(waits_ms) < 500, "boards are shown as they come, none in arrears"
