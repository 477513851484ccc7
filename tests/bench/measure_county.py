"""Throughput of a county, and the cost of a county for its halls: up, slow and away, against a hall without one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from bad_link import BadLink, Way
from bench_hall import BenchHall, describe, running
from distant_link import DistantLink
from plain_hub import PlainHub
from real_county import RealCounty, join
from real_hall import SMALL_HALL
from real_postgres import RealPostgres
from sizes import Sizes
from tables import Line, Spread, against

from protocol.county import MAX_ENTRIES_PER_PUSH, JournalPush
from protocol.county import JournalLine as Written
from protocol.settings import load_settings
from server.domain.model.catalogue import Catalogue

BUSY_HUB = 25
"""Entries a push carries when a busy hall pushes twice a second."""
DISTANCES_MS = (20, 100)
"""Round trips to a distant database, milliseconds."""
VISIT_S = 30
YIELDING = ("nice", "-n", "19")
IN_MEMORY = Path("/dev/shm")
"""A real county is a machine of its own: beside a hall that is measured it gets the processor time that is left, and
its commits and the hall's never wait for each other."""
BLOCK = 8
WAYS = {
    "another hall without a county": None,
    "the county up": Way.WELL,
    "the county slow": Way.SLOW,
    "the county away": Way.CUT,
}
Times = tuple[float, float]
"""The seconds of a ticket and of a call."""


def county(folder: Path, sizes: Sizes) -> list[Line]:
    """Push backlogs and the everyday pushes of many sites to a county on each database."""
    lines: list[Line] = []
    with RealPostgres() as postgres:
        for words, address in (("SQLite", lambda: ""), ("PostgreSQL", postgres.database)):
            place = folder / words
            lines.append(_backlog(place / "backlog", words, address(), sizes))
            for sites in (7, 50):
                lines.append(_everyday(place / str(sites), words, address, sites, sizes))
        lines += [_distant(folder / f"{ms} ms", postgres, ms, sizes) for ms in DISTANCES_MS]
    return lines


def _backlog(folder: Path, words: str, database: str, sizes: Sizes) -> Line:
    [hub] = _journals(1, sizes.entries)
    with RealCounty(folder, [hub.site], database=database) as taking:
        seconds = _taken(taking, {hub.site: _pushes(hub, MAX_ENTRIES_PER_PUSH)})
    return Line(name=f"{sizes.entries:,} entries of one site into the county, {words}", ours=seconds, aim=5, unit="s")


def _distant(folder: Path, postgres: RealPostgres, ms: int, sizes: Sizes) -> Line:
    """One push to a county whose database is far away; the floor writes the same rows to a bare table there."""
    entries = min(300, sizes.entries)
    [hub] = _journals(1, entries)
    pushes = {hub.site: _pushes(hub, MAX_ENTRIES_PER_PUSH)}
    folder.mkdir(parents=True)
    with DistantLink(to=postgres.port, round_trip_s=ms / 1000) as link:
        database, other = (postgres.database().replace(f":{postgres.port}/", f":{link.port}/") for _ in range(2))
        with _bare(folder, database) as write:
            floor = _bare_seconds(write, pushes)
        with RealCounty(folder / "county", [hub.site], database=other) as taking:
            ours = _taken(taking, pushes)
    name = f"{entries} entries in one push, PostgreSQL {ms} ms away"
    return Line(name=name, floor=floor, ours=ours, aim=5, unit="s")


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


def _journals(sites: int, entries: int) -> list[PlainHub]:
    catalogue = load_settings(Catalogue, SMALL_HALL)
    hubs = [PlainHub(catalogue, f"site-{number}") for number in range(1, sites + 1)]
    for hub in hubs:
        hub.open()
        while len(hub.made) < entries / sites:
            hub.issue()
            hub.serve("window-1", seconds=VISIT_S)
    return hubs


def _pushes(hub: PlainHub, at_once: int) -> list[JournalPush]:
    lines, chain, pushes = hub.lines, hub.chain(0), []
    for after in range(0, len(lines), at_once):
        some = lines[after : after + at_once]
        pushes.append(JournalPush(after=after, chain=chain, entries=some, now=hub.moment))
        chain = hub.chain_on(chain, some)
    return pushes


def _taken(taking: RealCounty, pushes: dict[str, list[JournalPush]]) -> float:
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


def _bare_seconds(write: Write, pushes: dict[str, list[JournalPush]]) -> float:
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
    """Issue and call by turns in a hall without a county and in one whose county is up, slow or away.

    Two halls that are alike differ too, as long as their processes live: each pair is new, the one or the other begins,
    and one way has no county.
    """
    pairs: dict[str, list[tuple[Sequence[Times], Sequence[Times]]]] = {words: [] for words in WAYS}
    for number in range(sizes.pairs):
        for words, way in WAYS.items():
            ways = (None, way)
            with ExitStack() as both:
                started = {}
                for which in ((0, 1), (1, 0))[number % 2]:
                    started[which] = both.enter_context(_hall(folder / words / f"{number}-{which}", ways[which]))
                pairs[words].append(_by_turns(started[0], started[1], sizes))
    return [line for words in WAYS for line in _lines(words, pairs[words])]


def _lines(words: str, pairs: Sequence[tuple[Sequence[Times], Sequence[Times]]]) -> list[Line]:
    lines = []
    for which, what in enumerate(("issue a ticket", "call next")):
        without, belonging = (Spread([[t[which] for t in pair[side]] for pair in pairs]) for side in (0, 1))
        lines += against(f"{what}, {words} against none", without, belonging, aim=1.05 if WAYS[words] else None)
    return lines


@contextmanager
def _hall(folder: Path, way: Way | None) -> Iterator[BenchHall]:
    """Start a hall whose county is found in some way, or that has none."""
    hall = describe(folder)
    with ExitStack() as beside:
        if way is not None:
            memory = Path(beside.enter_context(TemporaryDirectory(prefix="jiaohao-bench-county-", dir=IN_MEMORY)))
            taking = beside.enter_context(RealCounty(memory / "county", [hall.site], inside=YIELDING))
            link = beside.enter_context(BadLink(to=taking.processes[0].port))
            link.go(way)
            join(hall, taking.address(hall.site, url=link.url))
        yield beside.enter_context(running(hall))


def _by_turns(alone: BenchHall, member: BenchHall, sizes: Sizes) -> tuple[Sequence[Times], Sequence[Times]]:
    """Return the seconds of every ticket and of every call of both halls, when each has warmed up.

    What a hall has still to do when its block ends hurts the next one: each comes first as often.
    """
    taken: tuple[list[Times], list[Times]] = ([], [])
    orders = cycle(((0, 1), (1, 0)))
    for _ in range(0, 3 * sizes.requests, BLOCK):
        for which in next(orders):
            taken[which].extend(_block((alone, member)[which]))
    return taken[0][sizes.requests :], taken[1][sizes.requests :]


def _block(hall: BenchHall) -> list[Times]:
    taken = []
    for _ in range(BLOCK):
        window, service = hall.next_window()
        issued = hall.issue(service)
        taken.append((issued, hall.call(window)[1]))
    return taken
