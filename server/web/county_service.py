"""The interface between the county and its pages, which do not depend on its implementation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from protocol.vocabulary import SiteId, Text
from server.auth.login_service import LoginService
from server.domain.county.plan import SiteLocation, SiteState
from server.domain.county.proposal_book import ProposalBook
from server.domain.county.savings import Savings
from server.web.site_service import SiteReader


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSite:
    """The latest comparison of a hub's tables with the county's."""

    seq: int
    at: datetime
    equal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStatus:
    """One site, as the county has received it."""

    place: SiteLocation
    state: SiteState | None = None
    """None while the site was never connected."""
    checked: CheckedSite | None = None
    fault: Text | None = None
    """Why entries of its journal were refused lately; None when none were."""
    accepted_since: bool = False
    """Whether entries were accepted after the refused ones: perhaps a second machine has the site's key."""
    version: str = ""
    clock_trusted: bool = True


class CountyService(LoginService, Protocol):
    """The county, for its managers."""

    @property
    def name(self) -> Text:
        """The county's name."""

    @property
    def time_zone(self) -> str:
        """IANA name of the county's time zone."""

    @property
    def book(self) -> ProposalBook:
        """The proposals with their decisions and measured results."""

    def sites(self) -> Mapping[SiteId, SiteStatus]:
        """Return every site, in the order of the settings."""

    def site(self, site: SiteId) -> SiteReader | None:
        """Return one site as its own managers see it; None while it was never connected."""

    async def decide(self, proposal: str, decision: Literal["accepted", "declined"]) -> None:
        """Record a manager's decision. Raises NotDone."""

    async def savings(self, first: date, last: date) -> Savings:
        """Return the account of these business days, both included. Raises StoreFault."""
