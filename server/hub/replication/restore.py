"""Restores a hub's journal from the county: after an old backup, or on a new machine."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence

from protocol.clients.county_client import CountyAway, CountyClient, CountyError, CountyRefused
from protocol.county import JournalLine, JournalStretch
from server.domain.events.apply import AppliedEntry, apply
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.store.faults import StoreFault, StoreRefused
from server.store.journal.journal_lines import entry_of
from server.store.site_store import Store

log = logging.getLogger(__name__)

RESTORE_LIMIT_S = 3.0
"""Time limit of the restore without any entries, seconds: a hall has to open."""
LIMIT_PER_ENTRY_S = 0.01
"""Extension of the time limit for each received entry, seconds: a hub that starts without the remaining entries can
never append them to the journal that it writes from then on."""


class _Unreadable(Exception):
    """An entry that this version cannot apply: out of order, of an unknown kind, or impossible here."""


def restore_journal(store: Store, initial: Catalogue, client: CountyClient, *, limit_s: float = RESTORE_LIMIT_S) -> int:
    """Append the entries the county has beyond this journal, if both are equal up to here; return their number.

    When the county does not answer or is too slow, or has another or an unreadable journal, that is logged, and the hub
    goes on with the entries it has. Raises StoreFault.
    """
    first = store.head.seq
    hall: Hall | None = None
    try:
        for stretch in _fetch(store, client, limit_s=limit_s):
            if stretch.chain != store.head.chain:
                log.error("县平台的流水与本站点的不同 / the county has another journal of this site")
                break
            if stretch.entries:
                hall = _append(store, hall or store.load(initial), stretch.entries)
    except CountyError as error:
        if isinstance(error, CountyRefused) and error.answer.error == "gap":
            return 0  # the county has less than this hub, which will push it: nothing to fetch
        log.warning("没有从县平台取回全部流水 / not everything was fetched from the county: %s", error)
    except _Unreadable as error:
        log.error("县平台的流水无法读取，站点独自运行 / %s; the hub works without the county", error)  # noqa: TRY400 - one line
    fetched = store.head.seq - first
    if fetched:
        log.warning("从县平台取回 %s 条流水 / fetched %s entries from the county", fetched, fetched)
    return fetched


def _fetch(store: Store, client: CountyClient, *, limit_s: float) -> Iterator[JournalStretch]:
    """Yield the entries that the county has beyond the journal, a stretch at a time. Raises CountyError."""
    first, waited_s = store.head.seq, 0.0
    while True:
        seq = store.head.seq
        left_s = limit_s + LIMIT_PER_ENTRY_S * (seq - first) - waited_s
        if left_s <= 0:
            raise CountyAway(f"it comes too slowly, only to {seq}")
        began_s = time.monotonic()
        stretch = client.journal_after(seq, timeout_s=min(left_s, limit_s))
        waited_s += time.monotonic() - began_s
        yield stretch
        if not stretch.entries:
            return


def _append(store: Store, hall: Hall, lines: Sequence[JournalLine]) -> Hall:
    """Append a stretch as far as its entries apply. Raises _Unreadable, StoreFault."""
    done: list[tuple[JournalLine, AppliedEntry]] = []
    unreadable: _Unreadable | None = None
    for line in lines:
        try:
            applied = _apply(hall, line)
        except Exception as error:  # noqa: BLE001 - an entry of another version may raise anything
            unreadable = _unreadable(line, error)
            break
        done.append((line, applied))
        hall = applied.after
    _write(store, done)
    if unreadable is not None:
        raise unreadable
    return hall


def _apply(hall: Hall, line: JournalLine) -> AppliedEntry:
    if line.seq != hall.seq + 1:
        raise ValueError(f"the entry before it is {hall.seq}")
    entry = entry_of(line)
    return AppliedEntry(before=hall, entry=entry, after=apply(hall, entry))


def _write(store: Store, applied: Sequence[tuple[JournalLine, AppliedEntry]]) -> None:
    """Write the applied lines in one transaction; none of them when the database refuses one."""
    line: JournalLine | None = None
    try:
        with store.transaction() as transaction:
            for line, entry in applied:
                transaction.append(line, entry)
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
