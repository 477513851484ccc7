"""Issue and call in a hall with years behind it, and in a full hall, against the same hall when it is new and quiet."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench_hall import BenchHall, bench_hall, describe, running
from plain_hall import PlainHall
from sizes import Sizes
from tables import Line, Spread, against

from server.domain.model.catalogue import Catalogue
from server.store.database import open_writer
from server.store.site_store import Store

QUIET = 10
TICKETS_A_DAY = 1000
VISIT_S = 30


def history(folder: Path, sizes: Sizes) -> list[Line]:
    """Measure issue and call with many old tickets against none."""
    old = describe(folder / "old")
    write_history(old.data / "hall.sqlite", old.catalogue, tickets=sizes.old_tickets)
    with bench_hall(folder / "new") as new, running(old) as grown:
        new.fill(QUIET)
        grown.fill(QUIET)
        return _both(f"with {sizes.old_tickets:,} old tickets against none", new, grown, sizes, aim=1.1)


def queues(folder: Path, sizes: Sizes) -> list[Line]:
    """Measure issue and call with many waiting against few."""
    with bench_hall(folder / "quiet") as quiet, bench_hall(folder / "full") as full:
        quiet.fill(QUIET)
        full.fill(sizes.waiting)
        return _both(f"with {sizes.waiting:,} waiting against {QUIET}", quiet, full, sizes, aim=1.5)


def _both(words: str, reference: BenchHall, subject: BenchHall, sizes: Sizes, *, aim: float) -> list[Line]:
    """Issue and call by turns in both halls; each issued visitor is called or leaves the queue as long as it was."""
    issues: tuple[list[list[float]], list[list[float]]] = ([], [])
    calls: tuple[list[list[float]], list[list[float]]] = ([], [])
    for _ in range(sizes.rounds + 1):
        for rounds in (*issues, *calls):
            rounds.append([])
        for _ in range(sizes.requests // 2):
            for side, hall in enumerate((reference, subject)):
                window, service = hall.next_window()
                issues[side][-1].append(hall.issue(service))
                calls[side][-1].append(hall.call(window)[1])
    return [
        *against(f"issue {words}", Spread(issues[0][1:]), Spread(issues[1][1:]), aim=aim),
        *against(f"call {words}", Spread(calls[0][1:]), Spread(calls[1][1:]), aim=aim),
    ]


def write_history(database: Path, catalogue: Catalogue, *, tickets: int) -> None:
    """Write the journal and tables of earlier days, by the hub's own rules and store."""
    store = Store(open_writer(database), site=catalogue.site)
    days = max(1, tickets // TICKETS_A_DAY)
    plain = PlainHall(catalogue, at=datetime.now(UTC) - timedelta(days=days + 1))
    windows = itertools.cycle([(w.id, w.services[0]) for w in catalogue.windows])
    for _ in range(days):
        plain.turn_day()
        plain.open()
        for window, service in itertools.islice(windows, min(tickets, TICKETS_A_DAY)):
            plain.issue(service)
            plain.serve(window, seconds=VISIT_S)
        with store.transaction() as transaction:
            transaction.write(plain.made)
        plain.made.clear()
        plain.wait(timedelta(days=1).total_seconds() - min(tickets, TICKETS_A_DAY) * VISIT_S)
    store.close()
