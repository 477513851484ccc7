"""How far the county has a site's journal, as a row of ``heads`` keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import RowMapping

from protocol import journal as j
from protocol.county import CHAIN_START, HubMoment, clock_possible
from protocol.vocabulary import SiteId

_HUB = TypeAdapter(HubMoment)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteHead:
    """How far the county has a site's journal, and how it stands with the site. Times are by the county's clock."""

    seq: int = 0
    chain: str = CHAIN_START
    received_at: datetime | None = None
    """When entries came last, new ones or known ones."""
    heard_at: datetime | None = None
    """When the hub was heard last, with entries or without."""
    hub: j.Moment | None = None
    """What the hub's own clocks said then."""
    clock_trusted: bool = True
    version: str = ""
    tables_equal: bool | None = None
    checked_seq: int | None = None
    checked_at: datetime | None = None
    refused: str = ""
    """Name of the refusal that is shown; empty when there is none."""
    refused_at: datetime | None = None


def head_row(site: SiteId) -> Mapping[str, Any]:
    """Return the row of a site of which nothing is here yet."""
    return {"site": site, "seq": 0, "chain": CHAIN_START, "clock_trusted": True, "version": "", "refused": ""}


def head_from_row(row: RowMapping) -> SiteHead:
    """Return what a row says."""
    own = {name: row[name] for name in row if name not in ("site", "hub_at", "hub_boot", "hub_mono_s")}
    return SiteHead(hub=_hub_clock(row), **own)


def _hub_clock(row: RowMapping) -> j.Moment | None:
    """Return what the hub's own clocks said; None where they said nothing, or what no clock can."""
    try:
        said = _HUB.validate_python({"at": row["hub_at"], "boot": row["hub_boot"], "mono_s": row["hub_mono_s"]})
    except ValidationError:
        return None
    return said if clock_possible(said.at) else None
