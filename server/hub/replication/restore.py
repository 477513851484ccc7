"""A hub restored from an old copy, or new altogether, fetches from the county what it once wrote."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence

from protocol.county import JournalLine, JournalStretch
from protocol.county_client import CountyAway, CountyClient, CountyError
from server.domain.events.apply import AppliedEntry, apply
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.store.faults import StoreFault, StoreRefused
from server.store.journal.journal_lines import entry_of
from server.store.site_store import Store

log = logging.getLogger(__name__)

PATIENCE_S = 3.0
"""A hall that opens waits no longer than this for the county, unless its past keeps coming:"""
EACH_S = 0.01
"""so much longer for each entry that came. Who opens without the rest can never join it to what is written since."""


class _Unreadable(Exception):
    """An entry that this program cannot take: out of order, of a kind it does not know, or without sense here."""


def restore_journal(store: Store, described: Catalogue, client: CountyClient, *, patience_s: float = PATIENCE_S) -> int:
    """Append the entries the county has beyond this journal, if it is the same up to here; return how many.

    A county that does not answer or is too slow, has another past, or one that cannot be read here, is told in the
    log: the hub goes on alone with what it has. Raises StoreFault.
    """
    first = store.head.seq
    hall: Hall | None = None
    try:
        for past in _told(store, client, patience_s=patience_s):
            if past.chain != store.head.chain:
                log.error("县平台的流水与本站点的不同 / the county has another journal of this site")
                break
            if past.entries:
                hall = _append(store, hall or store.load(described), past.entries)
    except CountyError as error:
        log.warning("没有从县平台取回全部流水 / not everything was fetched from the county: %s", error)
    except _Unreadable as error:
        log.error("县平台的流水读不下去，站点独自运行 / %s; the hub goes on alone", error)  # noqa: TRY400 - one line
    fetched = store.head.seq - first
    if fetched:
        log.warning("从县平台取回 %s 条流水 / fetched %s entries from the county", fetched, fetched)
    return fetched


def _told(store: Store, client: CountyClient, *, patience_s: float) -> Iterator[JournalStretch]:
    """Yield what the county has beyond the journal, a stretch at a time. Raises CountyError."""
    first, waited_s = store.head.seq, 0.0
    while True:
        seq = store.head.seq
        left_s = patience_s + EACH_S * (seq - first) - waited_s
        if left_s <= 0:
            raise CountyAway(f"it comes too slowly, only to {seq}")
        asked = time.monotonic()
        past = client.journal_after(seq, timeout_s=min(left_s, patience_s))
        waited_s += time.monotonic() - asked
        yield past
        if not past.entries:
            return


def _append(store: Store, hall: Hall, lines: Sequence[JournalLine]) -> Hall:
    """Write a stretch, as far as it can be read. Raises _Unreadable, StoreFault."""
    steps: list[tuple[JournalLine, AppliedEntry]] = []
    unreadable: _Unreadable | None = None
    for line in lines:
        try:
            step = _step(hall, line)
        except Exception as error:  # noqa: BLE001 - whatever an entry of another version, or a broken one, may do
            unreadable = _unreadable(line, error)
            break
        steps.append((line, step))
        hall = step.after
    _write(store, steps)
    if unreadable is not None:
        raise unreadable
    return hall


def _step(hall: Hall, line: JournalLine) -> AppliedEntry:
    if line.seq != hall.seq + 1:
        raise ValueError(f"the entry before it is {hall.seq}")
    entry = entry_of(line)
    return AppliedEntry(before=hall, entry=entry, after=apply(hall, entry))


def _write(store: Store, steps: Sequence[tuple[JournalLine, AppliedEntry]]) -> None:
    """Write what makes sense as a journal; nothing of it when the tables do not take one of the entries."""
    line: JournalLine | None = None
    try:
        with store.transaction() as transaction:
            for line, step in steps:
                transaction.append(line, step)
    except StoreFault as fault:
        if line is None or not isinstance(fault, StoreRefused):
            raise
        raise _unreadable(line, fault) from fault
    except Exception as error:
        if line is None:
            raise
        raise _unreadable(line, error) from error


def _unreadable(line: JournalLine, error: Exception) -> _Unreadable:
    return _Unreadable(f"entry {line.seq} of the county cannot be read: {' '.join(repr(error).split())[:300]}")
