"""Issue a ticket against the barest route; press → board against the barest chain through the same broker."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench_hall import BenchHall, bare_server, bench_hall
from raw_http import RawHttp
from raw_mqtt import RawMqtt, Screens
from sizes import Sizes
from tables import Line, Spread, against

from protocol import topics

USUAL_QUEUE = 24
"""Two visitors wait at each window."""
BLOCK = 20
"""Requests of one side before it is the other's turn."""


def commands(folder: Path, sizes: Sizes) -> list[Line]:
    """Measure issue with 1 and 8 connections, and press → board with 1 and 20 screens."""
    with bench_hall(folder / "hall") as bench, bare_server(folder) as bare:
        bench.fill(USUAL_QUEUE)
        lines = []
        for connections, aim in ((1, 1.6), (8, 2.0)):
            lines += _issue(bench, bare, sizes, connections=connections, aim=aim)
        for screens, aim in ((1, 1.8), (20, 1.5)):
            lines += _press_to_board(bench, bare, sizes, screens=screens, aim=aim)
    return lines


def card(folder: Path, sizes: Sizes) -> list[Line]:
    """Measure issue on a disk that is as slow as an SD card, both sides alike: one sync serves many commands."""
    with bench_hall(folder / "hall", slow_disk=True) as bench, bare_server(folder, slow_disk=True) as bare:
        bench.fill(USUAL_QUEUE)
        lines = _issue(bench, bare, sizes, connections=1, aim=None, where=", slow disk")
        return lines + _issue(bench, bare, sizes, connections=8, aim=0.4, where=", slow disk")


def _issue(
    bench: BenchHall, bare: int, sizes: Sizes, *, connections: int, aim: float | None, where: str = ""
) -> list[Line]:
    services = list(bench.windows.values())
    bares = [RawHttp(bare) for _ in range(connections)]
    kiosks = [bench.connect("kiosk-1") for _ in range(connections)]
    floors: list[list[float]] = [[] for _ in range(sizes.rounds + 1)]
    ours: list[list[float]] = [[] for _ in range(sizes.rounds + 1)]
    for floor, our in zip(floors, ours, strict=True):
        while len(our) < sizes.requests:
            floor += [seconds for _, seconds in _at_once(bares, services)]
            issued = _at_once(kiosks, services)
            our += [seconds for _, seconds in issued]
            for ticket, _ in issued:
                bench.printed(ticket)
            bench.empty(BLOCK)
    for client in (*bares, *kiosks):
        client.close()
    many = f"{connections} connection{'s' if connections > 1 else ''}"
    return against(f"issue a ticket, {many}{where}", Spread(floors[1:]), Spread(ours[1:]), aim=aim)


def _at_once(clients: list[RawHttp], services: list[str]) -> list[tuple[dict[str, Any], float]]:
    """Issue a block of tickets by all clients together."""

    def work(client: RawHttp, first: int) -> list[tuple[dict[str, Any], float]]:
        turns = range(first, BLOCK, len(clients))
        return [client.request("/v1/tickets", service=services[n % len(services)]) for n in turns]

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = pool.map(work, clients, range(len(clients)))
    return [answer for some in answers for answer in some]


def _press_to_board(bench: BenchHall, bare: int, sizes: Sizes, *, screens: int, aim: float) -> list[Line]:
    site = bench.hall.site
    board, raw = topics.board(site), f"{topics.ROOT}/{site}/bench"
    publisher = RawMqtt(bench.hub_login(), client_id="bench-publisher")
    client = RawHttp(bare)
    floors: list[list[float]] = [[] for _ in range(sizes.rounds + 1)]
    ours: list[list[float]] = [[] for _ in range(sizes.rounds + 1)]
    with Screens(bench.screen_login(), [board, raw], count=screens) as audience:
        for turn, (floor, our) in enumerate(zip(floors, ours, strict=True)):
            bench.fill(sizes.presses)
            size = len(bench.hall.request("GET", "/v1/board", device="display-1").data)
            for press in range(sizes.presses):
                payload = f"{turn}:{press}:".encode().ljust(size, b".")
                floor.append(_bare_chain(client, publisher, audience, raw, payload))
                our.append(_press(bench, audience))
    publisher.socket.close()
    client.close()
    many = f"{screens} screen{'s' if screens > 1 else ''}"
    return against(f"press → board received, {many}", Spread(floors[1:]), Spread(ours[1:]), aim=aim)


def _bare_chain(client: RawHttp, publisher: RawMqtt, audience: Screens, topic: str, payload: bytes) -> float:
    """One bare HTTP call with one commit, then one raw publish until the last screen has it."""
    _, answered_s = client.request("/v1/tickets", service="press")
    began = time.monotonic()
    publisher.publish(topic, payload, mid=1)
    at = _received_at(audience, lambda received: received == payload)
    publisher.await_acknowledgement()
    return answered_s + at - began


def _press(bench: BenchHall, audience: Screens) -> float:
    """Press until the last screen has the board that shows the call."""
    window = bench.window_with_visitor()
    began = time.monotonic()
    ticket, _ = bench.press(window)
    at = _received_at(audience, lambda received: _shows(received, ticket["number"], window))
    bench.come(window)
    return at - began


def _shows(payload: bytes, number: str, window: str) -> bool:
    if not payload.startswith(b"{"):
        return False
    calls = json.loads(payload)["calls"]
    return any(call["number"] == number and call["window"] == window for call in calls)


def _received_at(audience: Screens, condition: Callable[[bytes], bool]) -> float:
    while True:
        payload, at = audience.next_message()
        if condition(payload):
            return at
