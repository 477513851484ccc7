"""What a county takes in, and what belonging to one costs a hall: up, slow and away, against a hall that is alone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import cycle, permutations
from pathlib import Path
from typing import Any

import psycopg
from bad_link import BadLink, Way
from bench_hall import BenchHall, describe, running
from paper_hub import PaperHub
from real_county import RealCounty, join
from real_hall import SMALL_HALL
from real_postgres import RealPostgres
from sizes import Sizes
from tables import Line, Spread, against

from protocol.county import ENTRIES_AT_ONCE, Push
from protocol.county import Line as Written
from protocol.settings import load_settings
from server.domain.catalogue import Catalogue

BUSY_HUB = 25
"""Entries a push carries when a busy hall pushes a few times a second."""
VISIT_S = 30
YIELDING = ("nice", "-n", "19")
"""In life a county is a machine of its own: beside a hall that is measured it takes what processor is left."""
BLOCK = 8


def county(folder: Path, sizes: Sizes) -> list[Line]:
    """Push backlogs and the everyday of many sites into a county on each database."""
    lines: list[Line] = []
    with RealPostgres() as postgres:
        for words, address in (("SQLite", lambda: ""), ("PostgreSQL", postgres.database)):
            place = folder / words
            lines.append(_backlog(place / "backlog", words, address(), sizes))
            for sites in (7, 50):
                lines.append(_everyday(place / str(sites), words, address, sites, sizes))
    return lines


def _backlog(folder: Path, words: str, database: str, sizes: Sizes) -> Line:
    [hub] = _journals(1, sizes.entries)
    with RealCounty(folder, [hub.site], database=database) as taking:
        seconds = _taken(taking, {hub.site: _pushes(hub, ENTRIES_AT_ONCE)})
    return Line(name=f"{sizes.entries:,} entries of one site into the county, {words}", ours=seconds, aim=60, unit="s")


def _everyday(folder: Path, words: str, database: Callable[[], str], sites: int, sizes: Sizes) -> Line:
    """Per thousand entries; the floor writes the same rows to a bare table, with one commit a push."""
    hubs = _journals(sites, sizes.entries)
    pushes = {hub.site: _pushes(hub, BUSY_HUB) for hub in hubs}
    folder.mkdir(parents=True)
    with _bare(folder, database()) as write:
        floor = _bare_seconds(write, pushes)
    with RealCounty(folder / "county", [hub.site for hub in hubs], database=database()) as taking:
        ours = _taken(taking, pushes)
    thousands = sum(len(push.entries) for some in pushes.values() for push in some) / 1000
    name = f"1,000 entries into the county, {sites} sites, {words}"
    return Line(name=name, floor=floor / thousands, ours=ours / thousands, unit="s")


def _journals(sites: int, entries: int) -> list[PaperHub]:
    catalogue = load_settings(Catalogue, SMALL_HALL)
    hubs = [PaperHub(catalogue, f"site-{number}") for number in range(1, sites + 1)]
    for hub in hubs:
        hub.open()
        while len(hub.made) < entries / sites:
            hub.issue()
            hub.serve("window-1", seconds=VISIT_S)
    return hubs


def _pushes(hub: PaperHub, at_once: int) -> list[Push]:
    lines, chain, pushes = hub.lines, hub.chain(0), []
    for after in range(0, len(lines), at_once):
        some = lines[after : after + at_once]
        pushes.append(Push(after=after, chain=chain, entries=some, now=hub.moment))
        chain = hub.chain_on(chain, some)
    return pushes


def _taken(taking: RealCounty, pushes: dict[str, list[Push]]) -> float:
    """Push every site's entries, all sites at once and each in order; return the seconds."""
    clients = {site: taking.client(site, timeout_s=60) for site in pushes}

    def push_all(site: str) -> None:
        for push in pushes[site]:
            clients[site].push(push)

    with ThreadPoolExecutor(min(len(pushes), 16)) as hubs:
        began = time.monotonic()
        list(hubs.map(push_all, pushes))
        return time.monotonic() - began


Write = Callable[[str, Sequence[Written]], None]


def _bare_seconds(write: Write, pushes: dict[str, list[Push]]) -> float:
    began = time.monotonic()
    for site, some in pushes.items():
        for push in some:
            write(site, push.entries)
    return time.monotonic() - began


@contextmanager
def _bare(folder: Path, database: str) -> Iterator[Write]:
    """Yield what writes rows durably to a table of nothing else."""
    table = "CREATE TABLE bare (site text, seq integer, fact text, PRIMARY KEY (site, seq))"
    if database:
        with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(table)
            yield lambda site, lines: _insert(connection, "INSERT INTO bare VALUES (%s, %s, %s)", site, lines)
        return
    with closing(sqlite3.connect(folder / "bare.sqlite", isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=FULL")
        file.execute(table)
        yield lambda site, lines: _insert(file, "INSERT INTO bare VALUES (?, ?, ?)", site, lines)


def _insert(connection: Any, sql: str, site: str, lines: Sequence[Written]) -> None:
    cursor = connection.cursor()
    cursor.execute("BEGIN")
    cursor.executemany(sql, [(site, line.seq, line.fact) for line in lines])
    cursor.execute("COMMIT")


def joined(folder: Path, sizes: Sizes) -> list[Line]:
    """Take numbers and call them by turns in a hall that is alone and in one whose county is up, slow or away."""
    lines = []
    with running(describe(folder / "alone")) as alone:
        for words, way in (("up", Way.WELL), ("slow", Way.SLOW), ("away", Way.CUT)):
            with _hall_of_a_county(folder / words, alone.hall.site, way) as member:
                floor, ours = _by_turns((alone, member), sizes)
            for what, without, belonging in zip(("issue a ticket", "call next"), floor, ours, strict=True):
                lines += against(f"{what} with the county {words} against none", without, belonging, aim=1.05)
    return lines


@contextmanager
def _hall_of_a_county(folder: Path, site: str, way: Way) -> Iterator[BenchHall]:
    with (
        RealCounty(folder / "county", [site], inside=YIELDING) as taking,
        BadLink(to=taking.processes[0].port) as link,
    ):
        link.go(way)
        hall = describe(folder / "hall")
        join(hall, taking.address(site, url=link.url))
        with running(hall) as bench:
            yield bench


Times = tuple[float, float]
"""The seconds of a ticket and of a call."""


def _by_turns(halls: Sequence[BenchHall], sizes: Sizes) -> list[tuple[Spread, Spread]]:
    """Return the seconds of every ticket and of every call, by hall.

    What a hall has still to do when its block ends hurts the next one: each comes first as often.
    """
    rounds: list[list[list[Times]]] = [[[] for _ in range(sizes.rounds + 1)] for _ in halls]
    orders = cycle(permutations(range(len(halls))))
    for number in range(sizes.rounds + 1):
        for _ in range(0, sizes.requests, BLOCK):
            for which in next(orders):
                rounds[which][number] += _block(halls[which])
    return [(_spread(of_hall[1:], 0), _spread(of_hall[1:], 1)) for of_hall in rounds]


def _spread(rounds: Sequence[Sequence[Times]], which: int) -> Spread:
    return Spread([[taken[which] for taken in some] for some in rounds])


def _block(hall: BenchHall) -> list[Times]:
    taken = []
    for _ in range(BLOCK):
        window, service = hall.next_window()
        issued = hall.issue(service)
        taken.append((issued, hall.call(window)[1]))
    return taken
