"""The county as its managers' pages use it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from protocol.answers import DeviceAnswer
from protocol.journal import Moment
from protocol.text.dates import clock
from protocol.vocabulary import Promise, ServiceId, SiteId, Text
from server.auth.login_service import Role
from server.county.bootstrap import CountyServices
from server.county.intake.known_sites import KnownSite
from server.county.planning.site_states import site_location, site_state
from server.domain.county import proposal_book
from server.domain.county.plan import SiteLocation, SiteState
from server.domain.county.proposal_book import COUNTY, ProposalBook
from server.domain.county.savings import Savings
from server.domain.forecast import wait_times
from server.domain.model.hall import Hall
from server.domain.model.refusals import Refusal
from server.store.faults import StoreFault
from server.store.journal.heads import SiteHead
from server.store.queries.day_figures import DayFigures, DayFiguresQuery
from server.store.queries.savings_query import SavingsQuery
from server.web.county_service import CheckedSite, SiteStatus
from server.web.site_service import NOT_SAVED, NotDone
from server.web.staff.county.county_view_model import LOST_AFTER_S

REFUSAL_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "gap": Text(zh="流水中间缺了一段，正等它补上", en="entries are missing; it is to send them"),
        "journal_rewritten": Text(
            zh="流水与县里的不一致：有人改动过，或从旧备份恢复。请技术人员处理",
            en="its journal is not the one the county has: changed by hand or an old copy. Call a technician",
        ),
        "clock_impossible": Text(
            zh="时钟不可能，请校准站点服务器", en="its clock cannot be; put the hub's clock right"
        ),
        "forged_site": Text(zh="流水是别的站点的", en="its journal is that of another site"),
        "invalid_entry": Text(zh="有一条流水不成立，请技术人员处理", en="an entry cannot be. Call a technician"),
    }
)


class CountyPagesService:
    """Implements ``server.web.county_service.CountyService``."""

    def __init__(self, county: CountyServices) -> None:
        self._county = county
        self._savings = SavingsQuery(county.store.reader, county=COUNTY)

    @property
    def name(self) -> Text:
        """The county's name."""
        return self._county.settings.name

    @property
    def time_zone(self) -> str:
        """IANA name of the county's time zone."""
        return self._county.settings.time_zone

    @property
    def book(self) -> ProposalBook:
        """The proposals with their decisions and measured results."""
        return self._county.known_sites.book

    def now(self) -> Moment:
        """Return the moment by the county's clock."""
        return self._county.clock.now()

    def passcode_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode."""
        return self._county.access.passcode_stamp(role)

    async def is_passcode(self, role: Role, passcode: str) -> bool:
        """Whether a passcode is that role's; scrypt takes 50 ms, so it runs on a thread of its own."""
        return await asyncio.to_thread(self._county.access.is_passcode, role, passcode)

    def sites(self) -> Mapping[SiteId, SiteStatus]:
        """Return every site, in the order of the settings."""
        known, forecasts = self._county.known_sites.sites, self._county.forecaster.forecasts
        return {
            name: _status(
                known[name],
                site_state(county_site, known[name], forecasts.get(name)),
                site_location(county_site),
                ZoneInfo(self.time_zone),
            )
            for name, county_site in self._county.settings.by_id.items()
        }

    def site(self, site: SiteId) -> CountySiteReader | None:
        """Return a reader of one site; None while the county has no journal of it."""
        known = self._county.known_sites.sites.get(site)
        return None if known is None or known.hall is None else CountySiteReader(self._county, site, known.hall)

    async def decide(self, proposal: str, decision: Literal["accepted", "declined"]) -> None:
        """Record a manager's decision. Raises NotDone."""
        try:
            await self._county.writer.write(
                lambda book, _: proposal_book.decide(book, proposal=proposal, decision=decision), actor="manager"
            )
        except Refusal as refusal:
            raise NotDone(refusal.message) from refusal
        except StoreFault as fault:
            raise NotDone(NOT_SAVED) from fault

    async def savings(self, first: date, last: date) -> Savings:
        """Return the savings of these business days, both included. Raises StoreFault."""
        return await asyncio.to_thread(self._savings.between, first, last, time_zone=self.time_zone)


class CountySiteReader:
    """One site as the county has it; devices and broker are known only to its hub."""

    broker_connected = True
    county = None

    def __init__(self, county: CountyServices, site: SiteId, hall: Hall) -> None:
        self._county = county
        self._site = site
        self._first_hall = hall
        self._figures = DayFiguresQuery(county.store.reader, site=site)

    @property
    def hall(self) -> Hall:
        """The newest state that the county has received."""
        return self._known.hall or self._first_hall

    @property
    def clock_trusted(self) -> bool:
        """Whether the hub trusts its own wall clock."""
        return self._known.head.clock_trusted

    def now(self) -> Moment:
        """Return the moment by the site's clock; it stops at the last contact once the site is out of contact."""
        now = self._county.clock.now()
        state = site_state(self._county.settings.by_id[self._site], self._known, None)
        if state is None:
            return now
        return state.now(now) if now.since(state.last_contact) <= LOST_AFTER_S else state.clock

    def devices(self) -> list[DeviceAnswer]:
        """Return nothing: devices report only to their hub."""
        return []

    def promises(self) -> Mapping[ServiceId, Promise | None]:
        """Return the waits by the county's own forecast of the site; the last one while the site is out of contact."""
        forecast = self._county.forecaster.forecasts.get(self._site)
        return {} if forecast is None else wait_times.published_ranges(forecast.forecast)

    def past_closing(self) -> int:
        """Return how many of those who wait may not be reached before the site closes, by the county's forecast."""
        forecast = self._county.forecaster.forecasts.get(self._site)
        return 0 if forecast is None else wait_times.count_past_closing(self.hall, forecast.forecast)

    async def days(self) -> list[date]:
        """Return the business days there are figures for, latest first."""
        return await asyncio.to_thread(self._figures.days)

    async def figures(self, day: date) -> DayFigures:
        """Return a day's figures."""
        site = self.hall.site
        read = partial(self._figures.day, day, time_zone=site.catalogue.time_zone, limits=site.limits)
        return await asyncio.to_thread(read)

    @property
    def _known(self) -> KnownSite:
        return self._county.known_sites.sites[self._site]


def _status(known: KnownSite, state: SiteState | None, place: SiteLocation, zone: ZoneInfo) -> SiteStatus:
    head = known.head
    checked = None
    if head.tables_equal is not None and head.checked_seq is not None and head.checked_at is not None:
        checked = CheckedSite(seq=head.checked_seq, at=head.checked_at, equal=head.tables_equal)
    return SiteStatus(
        place=place,
        state=state,
        checked=checked,
        fault=_fault(head, zone),
        accepted_since=_accepted_since(head),
        version=head.version,
        clock_trusted=head.clock_trusted,
    )


def _fault(head: SiteHead, zone: ZoneInfo) -> Text | None:
    if not head.refused:
        return None
    why = REFUSAL_TEXTS.get(head.refused, Text(zh=head.refused, en=head.refused))
    if not _accepted_since(head) or head.refused_at is None:
        return why
    when = clock(head.refused_at, zone)
    return Text(
        zh=f"✕ {when} 拒收过一份流水（{why.zh}）。若还会出现，可能有另一台服务器在用它的密钥",
        en=f"✕ At {when} a journal was refused ({why.en}). If it happens again, another machine may use its key",
    )


def _accepted_since(head: SiteHead) -> bool:
    """Whether entries are accepted again although some were refused lately."""
    return head.refused_at is not None and head.heard_at is not None and head.heard_at > head.refused_at
