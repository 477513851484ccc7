"""What the county's pages may ask of the county; they know nothing of how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from protocol.vocabulary import SiteId, Text
from server.auth.login_service import LoginService
from server.domain.county.plan import SiteLocation
from server.domain.county.plan import SiteState as Picture
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
    """One site as the county has it."""

    place: SiteLocation
    picture: Picture | None = None
    """None while nothing was ever heard of it."""
    checked: CheckedSite | None = None
    fault: Text | None = None
    """Why entries of it were refused lately; None when none were."""
    heard_since: bool = False
    """Whether others were taken after those: the site is at work, and perhaps a second machine has its key."""
    version: str = ""
    clock_trusted: bool = True


class CountyService(LoginService, Protocol):
    """The county, for its managers."""

    @property
    def name(self) -> Text:
        """What people call it."""

    @property
    def time_zone(self) -> str:
        """Where its people live."""

    @property
    def book(self) -> ProposalBook:
        """The proposals and what became of them."""

    def sites(self) -> Mapping[SiteId, SiteStatus]:
        """Return every site, in the order of the settings."""

    def site(self, site: SiteId) -> SiteReader | None:
        """Return one site to look at; None while nothing was ever heard of it."""

    async def decide(self, proposal: str, decision: Literal["accepted", "declined"]) -> None:
        """Write down what a manager decided. Raises NotDone."""

    async def savings(self, first: date, last: date) -> Savings:
        """Return the account of these business days, both included. Raises StoreFault."""
