"""A hub restored from an old copy, or new altogether, fetches from the county what it once wrote."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from protocol.county import Line
from protocol.county_client import CountyClient, CountyError
from server.domain.catalogue import Catalogue
from server.domain.folding import Step, apply
from server.domain.hall import Hall
from server.store.journal import Store
from server.store.lines import entry_of

log = logging.getLogger(__name__)

PATIENCE_S = 3.0
"""A hall that opens does not wait longer for the county."""


def catch_up(store: Store, described: Catalogue, client: CountyClient) -> int:
    """Append the entries the county has beyond this journal, if it is the same up to here; return how many.

    A county that does not answer, or has another past, is told in the log: the hub goes on alone. Raises StoreFault.
    """
    first = store.head.seq
    hall: Hall | None = None
    try:
        while True:
            past = client.past(since=store.head.seq, timeout_s=PATIENCE_S)
            if past.chain != store.head.chain:
                log.error("县平台的流水与本站点的不同 / the county has another journal of this site")
                break
            if not past.entries:
                break
            hall = _append(store, hall or store.load(described), past.entries)
    except CountyError as error:
        log.warning("没有从县平台取回流水 / nothing was fetched from the county: %s", error)
    fetched = store.head.seq - first
    if fetched:
        log.warning("从县平台取回 %s 条流水 / fetched %s entries from the county", fetched, fetched)
    return fetched


def _append(store: Store, hall: Hall, lines: Sequence[Line]) -> Hall:
    with store.transaction() as transaction:
        for line in lines:
            entry = entry_of(line)
            after = apply(hall, entry)
            transaction.restore(line, Step(before=hall, entry=entry, after=after))
            hall = after
    return hall
