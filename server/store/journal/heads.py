"""The head of a site's journal at the county: a value, and its row in ``heads``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import RowMapping

from protocol import journal as j
from protocol.county import CHAIN_START, HubMoment, clock_possible
from server.store.journal.journal_reader import JournalHead

_HUB_MOMENT = TypeAdapter(HubMoment)
_HUB_COLUMNS = {"hub_at": "at", "hub_boot": "boot", "hub_mono_s": "mono_s"}
_VERSION_LENGTH = 40
"""Length of the column ``version``, characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteHead:
    """How far the county has a site's journal, and how it stands with the site. Times are by the county's clock.

    Every field but ``hub`` is a column of ``heads`` of the same name.
    """

    seq: int = 0
    chain: str = CHAIN_START
    received_at: datetime | None = None
    """Time of the hub's last push with entries, new or known ones."""
    heard_at: datetime | None = None
    """Time of the hub's last push, with or without entries."""
    hub: j.Moment | None = None
    """Reading of the hub's own clocks at ``heard_at``."""
    hub_seq: int | None = None
    """Number of the newest entry that the hub is known to have; None for a hub that has not reported it."""
    clock_trusted: bool = True
    version: str = ""
    tables_equal: bool | None = None
    checked_seq: int | None = None
    checked_at: datetime | None = None
    refused: str = ""
    """Name of the newest refusal that is still shown; empty when there is none."""
    refused_at: datetime | None = None

    @property
    def journal(self) -> JournalHead:
        """Head of the journal itself."""
        return JournalHead(seq=self.seq, chain=self.chain)

    @property
    def missing(self) -> range:
        """Numbers of the entries that the hub is known to have and the county has not."""
        return range(self.seq + 1, (self.hub_seq or 0) + 1)

    @property
    def missing_at_hub(self) -> range:
        """Numbers of the entries that the county has and the hub is not known to have."""
        return range((self.hub_seq or 0) + 1, self.seq + 1)


def head_columns(head: SiteHead) -> dict[str, Any]:
    """Return the columns of ``heads`` that keep a head; the inverse of ``head_from_row``."""
    own = {field.name: getattr(head, field.name) for field in fields(head) if field.name != "hub"}
    hub = {column: None if head.hub is None else getattr(head.hub, name) for column, name in _HUB_COLUMNS.items()}
    return {**own, **hub, "version": head.version[:_VERSION_LENGTH]}


def head_from_row(row: RowMapping) -> SiteHead:
    """Return the head that a row of ``heads`` keeps."""
    own = {name: row[name] for name in row if name != "site" and name not in _HUB_COLUMNS}
    return SiteHead(hub=_hub_moment(row), **own)


def _hub_moment(row: RowMapping) -> j.Moment | None:
    """Return the hub's own clocks; None where the row has none, or times that no clock can have."""
    try:
        moment = _HUB_MOMENT.validate_python({name: row[column] for column, name in _HUB_COLUMNS.items()})
    except ValidationError:
        return None
    return moment if clock_possible(moment.at) else None
