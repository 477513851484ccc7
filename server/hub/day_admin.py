"""``jiaohao-admin day``: shows clock and business day, and puts right what a wrong clock has done to days."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from protocol import journal as j
from protocol.text.dates import date_and_clock
from protocol.vocabulary import Text
from runtime.run_command import CommandFailed
from server.domain.day import business_day
from server.domain.day.dated_numbers import DatedNumber, split_day
from server.domain.day.turn_of_day import TurnOfDay
from server.domain.events.apply import apply_facts
from server.domain.model.catalogue import Catalogue
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.domain.model.refusals import DaySettled
from server.hub.settings import HubSettings
from server.runtime.clock import Clock
from server.store.database import open_writer
from server.store.file_lock import hold_exclusively
from server.store.queries.day_overview import read_day_overview
from server.store.site_store import Store

TECHNICIAN = "technician"
"""Actor of these commands in the journal."""

NOTHING_TO_DO = Text(zh="没有之前的人留在队列里", en="nobody of an earlier day is in the queue")
NO_NUMBERS = Text(zh="那一天没有号码", en="no number was issued on that day")


def add_day_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--gone", action="store_true", help="those of an earlier day who are in the queue are gone")
    what.add_argument("--here", action="store_true", help="they are here and keep their numbers")
    what.add_argument("--today", action="store_true", help="the running day is today's: the clock is right now")
    days = partial(what.add_argument, type=_date, metavar="YYYY-MM-DD")
    days("--move", nargs=2, help="the visitors of one day belong to another: --move 2028-05-01 2026-11-27")
    days("--split", help="each visitor of a day belongs to the date on which the number was issued")


def _date(text: str) -> date:
    """Return a date as an option has it. Raises ValueError."""
    return date.fromisoformat(text)


def run_day(options: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    """Do what the options say (stop the hub first), and show clock and days. Raises CommandFailed, StoreFault."""
    if options.gone or options.here or options.today or options.move or options.split:
        with hold_exclusively(settings.data, database=settings.database), _open_book(settings, catalogue) as book:
            book.write(_facts(options, book))
    return _shown(settings, catalogue)


@dataclass(kw_only=True)
class _DayBook:
    """A stopped hub's journal, open for a technician's facts."""

    store: Store
    hall: Hall
    now: j.Moment

    def write(self, facts: Sequence[j.AnyFact]) -> None:
        entries = apply_facts(self.hall, facts, moment=self.now, actor=TECHNICIAN, request_id=None)
        with self.store.transaction() as transaction:
            transaction.write(entries)

    def numbers_of(self, day: date) -> list[DatedNumber]:
        """Return the numbers of a business day, in order of issue. Raises CommandFailed: it has none."""
        numbers = [DatedNumber(seq=seq, at=at) for seq, at in self.store.numbers.issued_on(day)]
        if not numbers:
            raise CommandFailed(NO_NUMBERS)
        return numbers


@contextmanager
def _open_book(settings: HubSettings, catalogue: Catalogue) -> Iterator[_DayBook]:
    store = Store(open_writer(settings.database), site=catalogue.site)
    with closing(store):
        yield _DayBook(store=store, hall=store.load(catalogue), now=Clock().now())


def _facts(options: argparse.Namespace, book: _DayBook) -> Sequence[j.AnyFact]:
    today = TurnOfDay(hall=book.hall, now=book.now).today
    if options.move:
        was, day = options.move
        return [j.DayMoved(was=was, day=day, since=book.numbers_of(was)[0].seq)]
    if options.split:
        zone = ZoneInfo(book.hall.site.catalogue.time_zone)
        return split_day(options.split, book.numbers_of(options.split), today=today, zone=zone)
    if book.hall.day is None:
        raise CommandFailed(NO_NUMBERS)
    if options.today:
        return [j.DayMoved(was=book.hall.day, day=today, since=book.numbers_of(book.hall.day)[0].seq)]
    return _settled(book, book.hall.day, gone=options.gone)


def _settled(book: _DayBook, day: date, *, gone: bool) -> Sequence[j.AnyFact]:
    try:
        return business_day.settle_day(
            book.hall, day=day, gone=gone, now=book.now, trust=ClockTrust.CONFIRMED, numbers=book.store.numbers
        )
    except DaySettled as settled:
        raise CommandFailed(NOTHING_TO_DO) from settled


def _shown(settings: HubSettings, catalogue: Catalogue) -> str:
    clock, seen = Clock(), read_day_overview(settings.database, catalogue)
    now, hall = clock.now(), seen.hall
    turn = TurnOfDay(hall=hall, now=now)
    people = "、".join(ticket.number for ticket in turn.people) or "–"
    return "\n".join(
        [
            f"时钟 / clock: {_time(now.at, catalogue)}, {clock.trust().name.lower()}",
            f"业务日 / business day: {hall.day}",
            f"在队列里 / in the queue: {people}",
            *(f"{day}: {n} 个号码 / numbers{_future(day, turn.today)}" for day, n in seen.numbers),
        ]
    )


def _time(at: datetime, catalogue: Catalogue) -> str:
    return date_and_clock(at, catalogue.time_zone)


def _future(day: date, today: date) -> str:
    return " ← 未来 / in the future" if day > today else ""
