"""Makes a hub's data folder ready before anything is served: keys, database, and what the county has of it."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from protocol.clients.county_client import CountyAway, CountyClient, CountyError
from server.domain.model.catalogue import Catalogue
from server.hub.access import Access
from server.hub.replication.restore import restore_journal
from server.hub.settings import HubSettings
from server.store.database import open_writer
from server.store.faults import StoreDamaged, StoreFault
from server.store.journal.journal_mark import UNKNOWN_CHAIN, JournalMark
from server.store.journal.journal_reader import JournalHead
from server.store.site_store import Store
from server.store.soundness import repair_newest_day, verify_newest_day, verify_structure

log = logging.getLogger(__name__)


def prepare_data(settings: HubSettings, catalogue: Catalogue) -> None:
    """Make and check keys and database, and fetch from the county what the database lacks.

    A damaged database is put aside when the county has the journal. Raises StoreFault, AccessFault.
    """
    Access(settings.data, site=catalogue.site).prepare()
    client = None if settings.county is None else CountyClient(settings.county, site=catalogue.site)
    try:
        _complete(settings.database, catalogue, client)
    except StoreDamaged as damage:
        if client is None:
            raise
        aside = _put_aside(settings.database)
        log.error(  # noqa: TRY400 - the sentence says it
            "数据库已损坏，另存为 %s，改从县平台取回 / the database is damaged (%s): it is kept as %s and fetched anew",
            *(aside, damage.what, aside),
        )
        _complete(settings.database, catalogue, client)
    finally:
        if client is not None:
            client.close()


def _complete(database: Path, catalogue: Catalogue, client: CountyClient | None) -> None:
    """Open the database, check it, and fetch what it lacks. Raises StoreFault."""
    engine = open_writer(database)
    try:
        verify_structure(database)
        with closing(Store(engine, site=catalogue.site)) as store:
            is_new = store.head.seq == 0
            store.file.check_rights()
            verify_newest_day(database, catalogue.site)
            if repair_newest_day(engine, catalogue):
                log.warning("今天的表与流水不同，已按流水修复 / the tables of the day were not the journal's: repaired")
            if client is not None:
                _fetch(store, catalogue, client)
            store.check_mark()
            if is_new:
                log.info(
                    "%s 里没有流水。本站点若用过，请停下并放回原来的 / it had no journal. "
                    "If this site has worked before, stop the hub and put its own folder back",
                    database.parent,
                )
    finally:
        engine.dispose()


def _fetch(store: Store, catalogue: Catalogue, client: CountyClient) -> None:
    """Fetch what the county has beyond this journal; all of it, when the journal was further here once.

    Raises StoreFault: it was, and the county does not answer.
    """
    while restore_journal(store, catalogue, client) and store.is_behind:
        pass
    if store.is_behind:
        try:
            client.journal_after(store.head.seq)
        except CountyAway as error:
            raise StoreFault(
                "数据库缺少最近的流水，县平台又没有回答：请放回最新的数据库，或等县平台恢复",
                "the database lacks the newest entries and the county does not answer: put the newest copy back, or "
                "wait for the county",
            ) from error
        except CountyError:
            log.debug("the county has no more either")


def _put_aside(database: Path) -> Path:
    """Rename a damaged database, with what belongs to it, and note that there was a journal."""
    mark = JournalMark(database)
    if mark.read() is None:
        mark.write(JournalHead(seq=1, chain=UNKNOWN_CHAIN))
    aside = database.with_name(f"{database.stem}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{database.suffix}.damaged")
    for ending in ("-wal", "-shm", ""):
        part = database.with_name(f"{database.name}{ending}")
        if part.exists():
            part.rename(aside.with_name(f"{aside.name}{ending}"))
    return aside
