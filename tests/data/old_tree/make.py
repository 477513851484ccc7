"""Writes the databases and messages of this folder as the tree of the commit ``a790713`` does.

They are kept so that every later tree can be proven to read what halls have in the field. The script knows the names of
that commit and runs nowhere else: it is not changed when something is renamed, and what it has written is never made
anew from a later tree. To see that it writes the same again, run it from the folder of a checkout of that commit, with
that tree's own environment::

    git worktree add ../old-tree a790713
    cd ../old-tree && python3 -I demo/environment.py dev
    PYTHONPATH=. .venv/bin/python <this file> <a new folder>

Nothing is made up beside the rules: two hubs and their county live in one process with all the parts of real ones, save
the network and the clocks, which only this script moves. Devices ask over HTTP, journals are pushed, letters obeyed.

``main-hall.sqlite.gz``, ``police.sqlite.gz``
    What two hubs keep: three business days with every fact that a hub writes, visitors sent both ways, answers kept.
``county.sqlite.gz``
    What their county keeps: both journals, their heads, and its own journal with proposals of every end.
``messages.json``
    An example of everything that travels, by its name on the wire: topic, method and path, kind of fact.
``expected.json``
    What that tree reads from the databases.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import itertools
import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import httpx
from pydantic import BaseModel
from sqlalchemy import Connection, select

from protocol import county as c
from protocol import journal as j
from protocol import messages as m
from protocol import topics
from protocol.county_client import CountyClient
from protocol.settings import CountyAddress, load_settings
from server.bell import Bell
from server.clock import Clock
from server.county import app as county_app
from server.county.access import CountyAccess
from server.county.inbox import Inbox
from server.county.journal import CountyJournal
from server.county.picture import CountyPicture
from server.county.pictures import pictures
from server.county.planner import Planner
from server.county.proposing import Proposing, made
from server.county.refusals import ERRORS as COUNTY_ERRORS
from server.county.running import RunningCounty
from server.county.settings import CountySettings, CountySite
from server.domain import county_facts, views, waiting
from server.domain.advising import Proposal
from server.domain.catalogue import Catalogue
from server.domain.county_facts import COUNTY
from server.domain.errors import Refusal
from server.domain.forecast import Forecast, Quantiles, forecast
from server.domain.hall import Hall
from server.domain.planning import forecasted
from server.domain.stage import Change
from server.domain.travel import Travel
from server.hub import app as hub_app
from server.hub import asking, county_link, sending
from server.hub.access import Access
from server.hub.asking import Asking
from server.hub.broadcaster import Broadcaster
from server.hub.commands import Commands, Reply
from server.hub.county_link import CountyLink, Plan
from server.hub.devices import Devices
from server.hub.predicting import Predicting
from server.hub.routes import ERRORS
from server.hub.running import RunningHub, _ended_by_time
from server.hub.sending import Sending
from server.hub.settings import HubSettings
from server.store import tables as t
from server.store.all_sites import AllSites
from server.store.database import open_county, open_reader, open_writer
from server.store.digest import tables_digest
from server.store.figures import Statistics
from server.store.helped import Helped
from server.store.journal import Store
from server.store.lines import line_of
from server.store.lookup import Lookup
from server.store.outbox import Outbox
from server.version import VERSION

SMALL_HALL = Path("tests/support/small-hall.toml")
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in Shanghai."""
ZONE = "Asia/Shanghai"
MAIN, POLICE = "main-hall", "police"
NAMES = {MAIN: m.Text(zh="政务服务大厅", en="Main hall"), POLICE: m.Text(zh="公安分中心", en="Police centre")}
TRAVEL = Travel({(MAIN, POLICE): 5.5})
SLOW, QUICK = Quantiles(48.0, 61.5, 70.25), Quantiles(4.0, 6.5, 8.0)
DEVICES = {
    "kiosk-1": m.DeviceKind.KIOSK,
    "panel-1": m.DeviceKind.WINDOW,
    "display-1": m.DeviceKind.DISPLAY,
    "monitor-1": m.DeviceKind.MONITOR,
}

Json = dict[str, Any]


class Times:
    """The one time of this county: it stands still until it is moved."""

    def __init__(self) -> None:
        self.now = MORNING

    def wait(self, minutes: float) -> None:
        """Let time pass."""
        self.now += timedelta(minutes=minutes)

    def until(self, day: int, clock: str) -> None:
        """Let time pass until a local time of a March day."""
        hour, minute = map(int, clock.split(":"))
        then = datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
        if then < self.now:
            raise ValueError(f"{then} has passed, it is {self.now}")
        self.now = then


class MachineClock(Clock):
    """The clocks of one run of a machine."""

    def __init__(self, times: Times, *, boot: str, mono_s: float) -> None:
        begun = times.now
        super().__init__(wall=lambda: times.now, mono=lambda: mono_s + (times.now - begun).total_seconds())
        self._boot = boot


class Record:
    """Everything that was asked over HTTP, and what was answered."""

    def __init__(self) -> None:
        self.asked: list[Json] = []
        self.ids = (f"old-tree:{n:04d}" for n in itertools.count(1))

    async def ask(
        self,
        client: httpx.AsyncClient,
        key: str,
        method: str,
        path: str,
        body: BaseModel | None,
        *,
        keep: Json,
        params: Json,
    ) -> httpx.Response:
        """Ask, and write it down."""
        sent = None if body is None else json.loads(body.model_dump_json())
        content = None if body is None else body.model_dump_json()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        heard = await client.request(method, path.format(**params), content=content, headers=headers)
        note = {"method": method, "path": path, "params": params, "status": heard.status_code, "request": sent}
        self.asked.append({**keep, **note, "answer": heard.json()})
        return heard


class Site:
    """One hub with all its parts; nothing of it runs by itself."""

    def __init__(self, site: str, times: Times, folder: Path, record: Record) -> None:
        self.site = site
        self.folder = folder
        self.path = folder / "hall.sqlite"
        self.pushed, self.checked = 0, 0
        self._times = times
        self._record = record
        self._access = Access(folder, site=site)
        self._access.prepare()
        self._keys = {name: self._access.enrol(name, kind).get_secret_value() for name, kind in DEVICES.items()}

    async def start(self, catalogue: Catalogue, *, boot: str, mono_s: float = 60.0) -> None:
        """Switch the machine on."""
        self.clock = clock = MachineClock(self._times, boot=boot, mono_s=mono_s)
        settings = HubSettings(catalogue=self.folder / "site.toml", data=self.folder)
        reader = open_reader(self.path)
        bell = Bell()
        self.commands = Commands(Store(open_writer(self.path), site=self.site), clock=clock, changed=bell.ring)
        self.commands.start(catalogue)
        self.outbox = Outbox(reader, site=self.site)
        self.devices = Devices(self._access, site=self.site)
        self.predicting = Predicting(clock=clock, told=bell.ring)
        address = CountyAddress.model_validate({"url": "http://127.0.0.1:9", "key": "nobody asks"})
        self.link = CountyLink(CountyClient(address, site=self.site), clock=clock)
        self.link._forecast = lambda: self.predicting.forecast
        self.hub = RunningHub(
            settings=settings,
            clock=clock,
            access=self._access,
            commands=self.commands,
            broadcaster=Broadcaster(
                site=self.site,
                address=settings.broker,
                password=self._access.hub_key(),
                clock=clock,
                on_device=self.devices.hear,
            ),
            devices=self.devices,
            lookup=Lookup(reader, site=self.site),
            statistics=Statistics(reader, site=self.site),
            predicting=self.predicting,
            ticking=asyncio.create_task(asyncio.sleep(0)),
            bell=bell,
            replicator=None,
            county_link=self.link,
        )
        app = hub_app.create_app(settings)
        app.state.hub = self.hub
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hub")

    async def stop(self) -> None:
        """Switch it off."""
        await self._client.aclose()
        await asyncio.to_thread(self.commands.stop)

    @property
    def hall(self) -> Hall:
        """The newest committed state."""
        return self.commands.hall

    def foresee(self, *, protected: Quantiles | None = None, **services: Quantiles) -> None:
        """Say how long visitors will wait: a service by its name with ``_`` for ``-``."""
        named = {name.replace("_", "-"): found for name, found in services.items()}
        waiting_now = [ticket for queue in self.hall.queues.values() for ticket in queue]
        rest = {ticket.id: named[ticket.service] for ticket in waiting_now if ticket.service in named}
        self.predicting.forecast = Forecast(
            services=named, protected=dict.fromkeys(named, protected or QUICK), tickets=rest
        )

    async def ask(
        self, method: str, path: str, command: type[m.Request] | None = None, /, *, by: str = "kiosk-1", **fields: Any
    ) -> Json:
        """Ask this hub as a device; fields that stand in the path are put there."""
        params = {name: fields.pop(name) for name in list(fields) if f"{{{name}}}" in path}
        body = None if command is None else command(request_id=next(self._record.ids), **fields)
        heard = await self._record.ask(
            self._client, self._keys[by], method, path, body, keep={"site": self.site, "device": by}, params=params
        )
        answer: Json = heard.json()
        return answer

    async def press(self, window: str, key: str, command: type[m.Request] = m.WindowCommand, **fields: Any) -> Json:
        """Press a key of a window's panel."""
        return await self.ask("POST", f"/v1/windows/{{window}}/{key}", command, by="panel-1", window=window, **fields)

    async def issue(self, service: str = "id-card", **fields: Any) -> Json:
        """Let a visitor take a number at the kiosk."""
        return await self.ask("POST", "/v1/tickets", m.IssueTicket, service=service, **fields)

    async def offer(self, service: str = "id-card", **fields: Any) -> str:
        """Let a visitor ask for another site before taking a number; return the offer."""
        answer = await self.ask("POST", "/v1/offers", m.AskOffer, service=service, **fields)
        return str(answer["offer"]["id"])

    async def printed(self, job: str, outcome: m.PrintOutcome, reason: str = "") -> Json:
        """Say how a print job ended."""
        return await self.ask("POST", "/v1/prints/{job}/outcome", m.EndPrint, job=job, outcome=outcome, reason=reason)

    async def serve(self, window: str, *, minutes: float) -> Json:
        """Call, start, serve and finish."""
        called = await self.press(window, "call-next")
        await self.press(window, "start")
        self._times.wait(minutes)
        await self.press(window, "finish")
        return called

    async def tick(self) -> None:
        """Do what a hub does every ten seconds."""
        await self.commands.note(_ended_by_time)

    async def slipped(self, ticket: str) -> str:
        """Show a waiting visitor a better site on the ticket's page; return the offer."""
        shown = await Sending(self.hub, "visitor").offer_while_waiting(ticket)
        if shown is None:
            raise ValueError("nothing is offered")
        return shown.id


class County:
    """The county server with all its parts; nothing of it runs by itself."""

    def __init__(self, times: Times, folder: Path, record: Record, sites: Iterable[Site]) -> None:
        self.path = folder / "county.sqlite"
        self.clock = clock = MachineClock(times, boot="county-boot", mono_s=5000.0)
        self.sites = {site.site: site for site in sites}
        self._record = record
        address = m.Text(zh="建设路7号", en="7 Jianshe Road")
        described = tuple(CountySite(id=s, name=NAMES[s], address=address) for s in self.sites)
        settings = CountySettings(name=m.Text(zh="示例县", en="Example county"), data=folder, sites=described)
        access = CountyAccess(folder)
        access.prepare()
        self._keys = {site: access.enrol(site).get_secret_value() for site in self.sites}
        store = AllSites(open_county(f"sqlite:///{self.path}", serving=True))
        store.prepare([*self.sites, COUNTY])
        bell = Bell()
        picture = CountyPicture(store, self.sites, clock=clock, changed=lambda _, __: None)
        writers = ThreadPoolExecutor(1)
        journal = CountyJournal(store, picture, clock=clock, writers=writers)
        proposing = Proposing(
            dict,
            journal,
            Helped(store.reader),
            has_all=picture.has_all,
            book=lambda: picture.book,
            travel=TRAVEL,
            clock=clock,
            time_zone=ZONE,
        )
        self.county = RunningCounty(
            settings=settings,
            travel=TRAVEL,
            clock=clock,
            access=access,
            store=store,
            picture=picture,
            inbox=Inbox(store, picture, clock=clock),
            bell=bell,
            writers=writers,
            journal=journal,
            planner=Planner(dict, clock=clock, told=bell.ring),
            proposing=proposing,
            following=asyncio.create_task(asyncio.sleep(0)),
        )
        app = county_app.create_app(settings)
        app.state.county = self.county
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://county")

    async def stop(self) -> None:
        """Switch it off."""
        await self._client.aclose()
        self.county.writers.shutdown()
        self.county.store.close()

    async def ask(
        self, site: str, method: str, path: str, body: BaseModel | None = None, **params: Any
    ) -> httpx.Response:
        """Ask the county with the key of a site."""
        params = {"site": site, **params}
        keep = {"site": COUNTY, "device": site}
        return await self._record.ask(self._client, self._keys[site], method, path, body, keep=keep, params=params)

    async def hear(self, site: Site, *, check: bool = True) -> None:
        """Take what a hub has written, with a check of its tables."""
        while True:
            batch = site.outbox.batch(after=site.pushed, checked=site.checked if check else None)
            push = c.Push(
                after=site.pushed,
                chain=batch.chain,
                entries=list(batch.lines),
                check=batch.check,
                now=site.clock.now(),
                version=VERSION,
                clock_trusted=site.clock.trusted(),
            )
            heard = await self.ask(site.site, "POST", "/v1/sites/{site}/journal", push)
            taken = c.Taken.model_validate_json(heard.content)
            if taken.tables_equal is False:
                raise ValueError(f"the county's tables of {site.site} are others")
            site.pushed = taken.seq
            if batch.check is not None:
                site.checked = batch.check.seq
            if taken.seq == batch.newest and not batch.day_left:
                return

    def plan(self) -> None:
        """Forecast every site."""
        seen = pictures(self.county.settings.by_id, self.county.picture.sites, {})
        now = self.county.clock.now()
        self.county.planner.made = {
            site: forecasted(one.hall, forecast(one.hall, at=one.now(now), samples=20), made=now)
            for site, one in seen.items()
        }

    async def tell(self, site: Site) -> None:
        """Answer a hub's open question, and have it do what a hub does upon it."""
        heard = await self.ask(site.site, "GET", "/v1/sites/{site}/view?wait_s=0")
        view = c.CountyView.model_validate_json(heard.content)
        site.link.plan = Plan(view.plan, told=site.clock.now())
        await site.commands.note(site.link._rule(view))

    async def everybody(self) -> None:
        """The links are well: everybody pushes, and is told until nobody has more to say."""
        for site in self.sites.values():
            await self.hear(site)
        self.plan()
        for _ in range(3):
            for site in self.sites.values():
                await self.tell(site)
                await self.hear(site)

    async def propose(self, name: str, site: str, change: Change) -> None:
        """Write down a proposal."""
        found = Proposal(change=change, before_p90_min=46.04, after_p90_min=31.0, saving_min=240.5, confidence=0.9)
        await self.county.journal.write(lambda _, __: [made(site, found, name=name)], actor="county")

    async def decide(self, name: str, decision: Any) -> None:
        """Let a manager decide."""
        rule = lambda book, _: county_facts.decide(book, proposal=name, decision=decision)
        await self.county.journal.write(rule, actor="manager")


def fixed_secrets() -> Callable[[], str]:
    """Return what makes the same secrets in every run."""
    count = itertools.count(1)
    return lambda: hashlib.sha256(f"secret {next(count)}".encode()).hexdigest()[:16]


def catalogues() -> tuple[Catalogue, Catalogue, Catalogue, Catalogue]:
    """Return the main hall as it is first and later, and the police centre as it is first and later."""
    small = load_settings(Catalogue, SMALL_HALL).model_dump(mode="json")
    services = {s["id"]: s for s in small["services"]}
    windows = {w["id"]: w for w in small["windows"]}
    hours = [{"days": [1, 2, 3, 4, 5, 6, 7], "open": "08:30", "close": "17:30"}]
    services["household"] |= {"limit_min": 10, "expected_min": 9, "trust_expected": True}
    seal = {**services["invoice"], "id": "seal", "letter": "D", "name": {"zh": "公章备案", "en": "Seals"}}
    windows["window-2"] |= {"skills": ["household"], "breaks": [{"begin": "12:00", "end": "13:00"}]}
    windows["window-3"] |= {"services": ["invoice", "seal"]}
    extra = {**windows["window-3"], "id": "window-4", "label": "4", "services": ["invoice"], "skills": ["id-card"]}
    main = {
        **small,
        "site": MAIN,
        "name": NAMES[MAIN].model_dump(),
        "hours": hours,
        "services": [*services.values(), seal],
        "windows": [*windows.values(), extra],
        "rules": {"passed_at_most": 2, "return_behind": 1, "call_guard_s": 2, "longest_wait_min": 60, "thin_below": 3},
    }
    windows["window-3"] = {**windows["window-3"], "services": ["invoice"], "skills": ["id-card"]}
    later = {
        **main,
        "services": list(services.values()),
        "windows": [*windows.values(), extra],
        "rules": {**main["rules"], "passed_at_most": 20, "pooled": True},
    }
    there = {s: {**one, "letter": f"P{one['letter']}"} for s, one in services.items()}
    police = {
        **small,
        "site": POLICE,
        "name": NAMES[POLICE].model_dump(),
        "hours": [{**hours[0], "close": "17:00"}],
        "services": list(there.values()),
        "windows": [windows["window-1"], {**windows["window-2"], "services": ["id-card", "invoice"], "skills": []}],
        "rules": {"travel_grace_min": 15, "thin_below": 3},
    }
    fewer = {
        **police,
        "services": [there["id-card"], there["invoice"]],
        "windows": [{**windows["window-1"], "services": ["id-card"]}],
    }
    first, second, third, fourth = (Catalogue.model_validate(one) for one in (main, later, police, fewer))
    return first, second, third, fourth


async def accept(site: Site, offer: str, *, language: str | None = None) -> asyncio.Task[Json]:
    """Let a visitor at a kiosk accept; return what will be answered once the referral has an end."""
    before = set(site.hall.referrals)
    task = asyncio.create_task(site.ask("POST", "/v1/referrals", m.AcceptOffer, offer=offer, language=language))
    await _asked(site, before)
    return task


async def accept_on_page(site: Site, offer: str) -> asyncio.Task[Reply]:
    """Let a visitor accept on the ticket's page."""
    before = set(site.hall.referrals)
    command = m.AcceptOffer(request_id=next(site._record.ids), offer=offer)
    task = asyncio.create_task(Sending(site.hub, "visitor").accept(command, prints=False))
    await _asked(site, before)
    return task


async def _asked(site: Site, before: set[str]) -> None:
    while True:
        rung = site.hub.bell.next
        if set(site.hall.referrals) != before:
            return
        await rung.wait()


class Story:
    """Three days of two halls."""

    def __init__(self, times: Times, main: Site, police: Site, county: County) -> None:
        self.times, self.main, self.police, self.county = times, main, police, county
        self.first, self.later, self.centre, self.fewer = catalogues()

    async def tell(self) -> None:
        """Tell it."""
        await self.main.start(self.first, boot="main-boot-1")
        await self.police.start(self.centre, boot="police-boot-1")
        await self.opening()
        await self.every_call()
        await self.every_paper()
        await self.advice()
        await self.sent_and_come()
        await self.not_sent()
        await self.the_day_ends()
        await self.second_day()
        await self.third_day()

    async def opening(self) -> None:
        """Windows open; numbers of every kind are taken; the first of them are called by the rules of priority."""
        main = self.main
        for window in ("window-1", "window-2", "window-3"):
            await main.press(window, "open")
        await self.police.press("window-1", "open")
        await self.police.press("window-2", "open")
        await Asking(main.hub, "manager").set_notice(
            m.SetNotice(request_id=next(main._record.ids), zh="今日系统维护至十点", en="Maintenance until ten")
        )
        main.foresee(id_card=QUICK, household=SLOW, invoice=QUICK)
        plain = await main.issue("id-card")
        main.predicting.forecast = Forecast()
        await main.issue("id-card", language="en")
        elder = await main.issue("id-card", priority="elderly")
        await main.issue("household", priority="disabled", language="en")
        await main.issue("invoice")
        await main.issue("passport")  # refused
        await main.issue("id-card", priority="vip")  # refused
        await Asking(main.hub, "clerk").take_number(
            m.IssueTicket(request_id=next(main._record.ids), service="household"), prints=False
        )
        await main.printed(plain["print_job"]["job"], m.PrintOutcome.PRINTED)
        await main.printed(elder["print_job"]["job"], m.PrintOutcome.FAILED, "缺纸 / paper out")
        again = await main.ask("POST", "/v1/tickets/{ticket}/prints", m.StartPrint, ticket=elder["id"])
        await main.printed(again["job"], m.PrintOutcome.PRINTED)
        await main.ask("POST", "/v1/tickets/{ticket}/prints", m.StartPrint, ticket=elder["id"])  # refused
        self.times.wait(1)
        await main.serve("window-1", minutes=4)  # priority
        await main.serve("window-2", minutes=3.5)  # priority, too
        await main.ask("GET", "/v1/tickets/{ticket}", ticket=plain["id"])
        await self.county.everybody()

    async def every_call(self) -> None:
        """Urgent, own service, longest wait, passed often, by number; recalls, no-shows, returns, transfers."""
        main, times = self.main, self.times
        times.wait(7)
        called = await main.press("window-1", "call-next")  # urgent: the household's limit is nearer
        await main.press("window-1", "recall")
        await main.press("window-1", "call-next")  # refused: just now
        times.wait(1)
        await main.press("window-1", "no-show")
        back = await main.ask("POST", "/v1/tickets/{ticket}/return", m.ReturnTicket, ticket=called["id"])
        await main.ask("POST", "/v1/tickets/{ticket}/return", m.ReturnTicket, ticket=called["id"])  # refused
        times.wait(1)
        await main.press("window-1", "call/{number}", number=back["number"])
        times.wait(2)
        await main.press("window-1", "call-next")  # the start of the one before is assumed
        await main.press("window-1", "start")
        times.wait(2)
        await main.press("window-1", "transfer", m.TransferTicket, service="invoice")
        for service in ("id-card", "id-card", "household", "id-card"):
            await main.issue(service)
        missed = await main.press("window-2", "call-next")
        times.wait(1)
        await main.press("window-2", "no-show")
        await main.ask("POST", "/v1/tickets/{ticket}/return", m.ReturnTicket, ticket=missed["id"])  # behind somebody
        times.wait(1)
        await main.serve("window-3", minutes=6)
        await main.press("window-3", "finish")  # refused
        left = await main.issue("invoice", language="en")
        await Asking(main.hub, "visitor").cancel(left["id"], m.CancelTicket(request_id=next(main._record.ids)))
        gone = await main.issue("invoice")
        await main.ask("POST", "/v1/tickets/{ticket}/cancel", m.CancelTicket, ticket=gone["id"])
        for _ in range(4):
            await main.serve("window-1", minutes=1)
        await self.county.everybody()

    async def every_paper(self) -> None:
        """A kiosk that never reports; one that is told to pause; the longest wait; a queue passed too often."""
        main, times = self.main, self.times
        times.until(2, "10:00")
        await main.press("window-1", "pause")
        await main.press("window-2", "pause")
        await main.issue("id-card")
        await main.issue("household")
        times.wait(3)
        await main.tick()  # unknown
        times.wait(62)
        for _ in range(3):
            await main.issue("id-card", priority="elderly")
        await main.press("window-1", "open")
        await main.press("window-1", "call-next")  # longest wait, before the elderly
        times.wait(1)
        await main.serve("window-1", minutes=1)
        times.until(2, "11:20")
        for _ in range(3):
            await main.issue("household")
            await main.issue("id-card", priority="disabled")
        for _ in range(5):
            await main.serve("window-1", minutes=1)
        await main.press("window-2", "open")
        await self.county.everybody()

    async def advice(self) -> None:
        """Proposals that are accepted, declined and left alone; what clerks do upon them."""
        main, police, county, times = self.main, self.police, self.county, self.times
        times.until(2, "12:00")
        await county.propose("p-help", MAIN, Change(window="window-3", services=("id-card",)))
        opens = Change(
            window="window-4",
            services=("invoice",),
            opens=True,
            from_site=POLICE,
            from_window="window-2",
            travel_min=5.5,
        )
        await county.propose("p-move", MAIN, opens)
        await county.propose("p-declined", MAIN, Change(window="window-2", services=("household",)))
        await county.propose("p-alone", POLICE, Change(window="window-1", services=("invoice",)))
        await county.propose("p-quiet", POLICE, Change(window="window-2", services=("household",)))
        times.wait(2)
        await county.decide("p-help", "accepted")
        await county.decide("p-move", "accepted")
        await county.decide("p-quiet", "accepted")  # nobody comes for it
        await county.decide("p-declined", "declined")
        await county.everybody()  # window_helps, window_agreed at both
        times.wait(1)
        await police.press("window-2", "pause")
        times.wait(6)
        await main.press("window-4", "open")
        for service in ("id-card", "id-card", "invoice", "seal"):
            await main.issue(service)
            times.wait(4)
        await main.serve("window-3", minutes=2)
        await main.serve("window-3", minutes=2)
        times.wait(5)
        await county.county.proposing.tick()  # one is left alone for too long
        await main.press("window-4", "close")
        await police.press("window-2", "open")
        await county.everybody()

    async def sent_and_come(self) -> None:
        """Visitors go to the police centre and come there in every way."""
        main, police, county, times = self.main, self.police, self.county, self.times
        times.until(2, "14:00")
        await county.everybody()
        main.foresee(id_card=SLOW, household=SLOW, invoice=SLOW)
        refused = await main.offer("id-card")
        await main.issue("id-card", offer=refused)  # turned down
        await county.everybody()

        offer = await main.offer("id-card", language="en")
        before = await accept(main, offer, language="zh")
        await county.everybody()
        paper = await before
        await main.printed(paper["print_job"]["job"], m.PrintOutcome.FAILED, "卡纸 / jam")
        again = await main.ask("POST", "/v1/tickets/{ticket}/prints", m.StartPrint, ticket=paper["referral"])
        await main.printed(again["job"], m.PrintOutcome.PRINTED)
        await main.ask("POST", "/v1/referrals", m.AcceptOffer, offer=offer)  # refused: used

        main.predicting.forecast = Forecast(services={"id-card": QUICK})
        slow = await main.issue("id-card")
        elder = await main.issue("id-card", priority="elderly")
        times.wait(20)
        await county.everybody()
        main.foresee(id_card=SLOW, household=SLOW, invoice=SLOW, protected=SLOW)
        going = await accept_on_page(main, await main.slipped(slow["id"]))
        await county.everybody()
        await going
        await main.ask("GET", "/v1/tickets/{ticket}", ticket=slow["id"])  # with where it went

        police.foresee(id_card=Quantiles(9.0, 14.0, 21.0), invoice=QUICK)
        offer = await main.offer("id-card", priority="elderly")
        unheard = await accept(main, offer)
        await county.hear(main)
        await county.tell(police)
        await county.hear(police)
        await county.tell(main)  # taken, and the centre does not hear of it
        there = (await unheard)["ticket"]
        await Sending(police.hub, "clerk").check_in(there, m.CheckIn(request_id=next(main._record.ids)))  # refused
        times.wait(6)
        await police.ask("POST", "/v1/arrivals", m.ArriveTicket, code=f"http://main/t/{there}")  # confirmed by it
        await police.ask("POST", "/v1/arrivals", m.ArriveTicket, code=paper["number"])
        await police.ask("POST", "/v1/arrivals", m.ArriveTicket, code="PA999")  # refused
        own = await police.issue("id-card")
        await police.ask("POST", "/v1/arrivals", m.ArriveTicket, code=own["number"])  # refused
        await police.serve("window-1", minutes=5)
        await county.everybody()
        times.wait(16)
        await police.tick()  # the one who was waiting did not arrive
        await county.everybody()
        late = await police.ask("POST", "/v1/arrivals", m.ArriveTicket, code=f"/t/{slow['id']}")  # by the old paper
        await police.serve("window-1", minutes=5)
        await police.serve("window-1", minutes=5)
        await police.ask("GET", "/v1/tickets/{ticket}", ticket=late["id"])
        await main.ask("POST", "/v1/tickets/{ticket}/cancel", m.CancelTicket, ticket=elder["id"])

        await county.everybody()
        offer = await main.offer("household")
        source = await accept(main, offer)
        await county.everybody()
        there = (await source)["ticket"]
        times.wait(7)
        await Sending(police.hub, "clerk").check_in(there, m.CheckIn(request_id=next(main._record.ids)))
        await county.everybody()

    async def not_sent(self) -> None:
        """Every way in which nothing comes of a referral."""
        main, police, county, times = self.main, self.police, self.county, self.times

        times.until(2, "15:40")
        await county.everybody()
        main.foresee(id_card=SLOW, household=SLOW, invoice=SLOW)
        unanswered = await accept(main, await main.offer("id-card"))
        await county.hear(main)
        await county.tell(police)  # a place is held, and nobody hears of it in time
        times.wait(0.1)
        await main.tick()
        await unanswered
        await county.everybody()  # the place is let go

        main.predicting.forecast = Forecast(services={"id-card": QUICK})
        away, called = await main.issue("id-card"), await main.issue("id-card")
        times.wait(20)
        await county.everybody()
        main.foresee(id_card=SLOW, household=SLOW, invoice=SLOW)
        changed = await accept_on_page(main, await main.slipped(away["id"]))
        wanted = await accept_on_page(main, await main.slipped(called["id"]))
        await main.ask("POST", "/v1/tickets/{ticket}/cancel", m.CancelTicket, ticket=away["id"])
        await main.press("window-2", "call/{number}", number=called["number"])
        await main.tick()
        await changed
        await wanted
        await main.press("window-2", "finish")
        await county.everybody()

        times.until(2, "16:30")
        await county.everybody()
        main.foresee(id_card=SLOW, household=SLOW, invoice=SLOW)
        household, invoice = await main.offer("household"), await main.offer("invoice")
        await police.stop()
        await police.start(self.fewer, boot="police-boot-1", mono_s=9000.0)  # one service less, one without a window
        for offer in (household, invoice):
            refused = await accept(main, offer)
            await county.everybody()
            await refused
        times.until(2, "16:54")
        await county.everybody()
        main.foresee(id_card=SLOW)
        closing_ = await main.offer("id-card")
        times.wait(1)
        refused = await accept(main, closing_)
        await county.everybody()
        await refused

    async def the_day_ends(self) -> None:
        """People still wait, a paper is pending, a place is kept, and a referral has no answer."""
        main, police, county, times = self.main, self.police, self.county, self.times
        times.until(2, "17:10")
        for service in ("id-card", "seal"):
            await main.issue(service)
        await main.press("window-1", "call-next")
        police.foresee(id_card=SLOW)
        await county.everybody()
        main.foresee(id_card=SLOW, invoice=SLOW)
        await main.ask("POST", "/v1/offers", m.AskOffer, service="id-card")  # none: the centre is closed
        await police.issue("id-card")  # refused for the same reason
        times.until(2, "17:20")
        await county.everybody()

    async def second_day(self) -> None:
        """The machine was switched off over night; the site is another one than before."""
        main, police, county, times = self.main, self.police, self.county, self.times
        times.until(3, "08:40")
        await main.tick()  # the day turns: leftovers are cancelled, the notice stays
        await police.tick()
        for window in ("window-1", "window-3"):
            await main.press(window, "open")
        await police.press("window-1", "open")
        missed = await police.issue("id-card")
        await police.press("window-1", "call-next")
        await police.press("window-1", "no-show")
        await police.ask("POST", "/v1/tickets/{ticket}/return", m.ReturnTicket, ticket=missed["id"])  # behind nobody
        await police.serve("window-1", minutes=1)
        await main.issue("seal")
        await main.issue("id-card")
        await county.everybody()
        await county.county.proposing.tick()  # what came of the accepted ones
        await main.stop()
        await main.start(self.later, boot="main-boot-2", mono_s=30.0)  # no window serves seals any more
        times.wait(1)
        await main.press("window-2", "open")
        await main.serve("window-2", minutes=8)
        for service in ("household", "id-card", "invoice"):
            await main.issue(service)
        await main.serve("window-1", minutes=5)
        await Asking(main.hub, "manager").set_notice(m.SetNotice(request_id=next(main._record.ids)))
        times.until(3, "16:40")
        await county.everybody()
        main.foresee(id_card=SLOW, household=SLOW, invoice=SLOW)
        travelling = await accept(main, await main.offer("id-card"))
        await county.everybody()
        await travelling
        offer = await main.offer("id-card")
        self.asked_late = await accept(main, offer)  # nobody answers before the night
        await county.hear(main, check=False)
        await main.press("window-1", "call-next")

    async def third_day(self) -> None:
        """The day that goes on: somebody in every state."""
        main, police, county, times = self.main, self.police, self.county, self.times
        times.until(4, "08:35")
        await police.tick()
        await main.tick()
        await self.asked_late
        for window in ("window-1", "window-2", "window-3"):
            await main.press(window, "open")
        await police.press("window-1", "open")
        await county.everybody()
        police.foresee(id_card=SLOW)
        here = await accept(police, await police.offer("id-card"))
        await county.everybody()
        await here  # travelling, to the main hall
        went = await accept(police, await police.offer("id-card", language="en"))
        await county.everybody()
        came = (await went)["ticket"]
        main.foresee(id_card=Quantiles(12.0, 17.5, 24.0), household=QUICK)
        for service in ("id-card", "id-card", "household", "id-card"):
            await main.issue(service)
        times.wait(1)
        await main.issue("invoice")
        times.wait(5)
        await main.ask("POST", "/v1/arrivals", m.ArriveTicket, code=f"/t/{came}")
        await main.serve("window-1", minutes=3)
        await main.serve("window-3", minutes=2)  # its own service, before the one it helps with
        await main.issue("invoice")
        await main.press("window-2", "call-next")
        times.wait(1)
        await main.press("window-2", "no-show")
        await main.press("window-2", "call-next")
        await main.press("window-1", "call-next")
        await main.press("window-1", "start")
        await Asking(main.hub, "manager").set_notice(
            m.SetNotice(request_id=next(main._record.ids), zh="三号窗口十点休息", en="Window 3 has a break at ten")
        )
        police.foresee(id_card=SLOW)
        await police.issue("id-card")
        await county.everybody()
        main.foresee(id_card=SLOW, household=QUICK)
        sent = await accept(main, await main.offer("id-card"))
        await county.everybody()
        await sent
        times.wait(1)
        await county.everybody()
        for path in ("/v1/board", "/v1/services", "/v1/windows", "/v1/devices", "/healthz"):
            await main.ask("GET", path, by="display-1")
        await county.ask(MAIN, "GET", "/v1/sites/{site}/journal?since={since}", since=main.pushed - 2)
        await county.ask(MAIN, "GET", "/healthz")
        last = c.Push(after=main.pushed + 3, chain="a" * 64)
        await county.ask(MAIN, "POST", "/v1/sites/{site}/journal", last)  # refused: gap


def of_model(example: BaseModel) -> Any:
    """Return a message as it goes out."""
    return json.loads(example.model_dump_json())


def told(main: Site) -> Iterator[Json]:
    """Yield every retained message of a hall with its topic, and how the topic is built."""
    hall, at = main.hall, main.clock.now().at
    ranges = waiting.ranges(main.predicting.forecast)
    board = views.board(hall, ranges, at=at, is_open=True, county_away_since=at - timedelta(minutes=3))
    yield {"topic": topics.board(MAIN), "payload": of_model(board)}
    for window in ("window-1", "window-3"):
        yield {"topic": topics.sign(MAIN, window), "payload": of_model(views.sign(hall, window, at=at))}
    queue = views.queue(hall, "id-card", ranges, at=at)
    yield {"topic": topics.queue(MAIN, "id-card"), "payload": of_model(queue)}
    notice = m.Notice(seq=hall.seq, as_of=at, text=hall.notice)
    yield {"topic": topics.notice(MAIN), "payload": of_model(notice)}
    for presence in m.Presence:
        status = m.HubStatus(seq=hall.seq, as_of=at, presence=presence, boot="main-boot-2", version=VERSION)
        yield {"topic": topics.hub_status(MAIN), "payload": of_model(status)}
    for name, kind in DEVICES.items():
        kiosk = kind is m.DeviceKind.KIOSK
        device = m.DeviceStatus(
            device=name,
            kind=kind,
            presence=m.Presence.ONLINE,
            boot="a-boot",
            version=VERSION,
            as_of=at,
            paper=m.Paper.LOW if kiosk else m.Paper.UNKNOWN,
            faults=[m.Text(zh="纸快用完", en="paper is low")] if kiosk else [],
        )
        topic = topics.device_status(MAIN, name)
        main.devices.hear(topic, device.model_dump_json().encode())
        yield {"topic": topic, "payload": of_model(device)}


def standing(main: Site, errors: list[Json]) -> Json:
    """Return what a hub that belongs to a county says of itself."""
    stands = m.CountyStanding(
        state=m.CountyState.STOPPED,
        seq=main.hall.seq,
        away_since=main.clock.now().at,
        refused=m.ErrorAnswer.model_validate(errors[0]),
        tables_equal=True,
    )
    health = m.HealthAnswer(
        status="ok",
        version=VERSION,
        seq=main.hall.seq,
        business_day=views.business_day(main.hall),
        clock_trusted=True,
        broker_connected=True,
        county=stands,
    )
    return {
        "at": "hub", "method": "GET", "path": "/healthz", "status": 200, "request": None, "answer": of_model(health)
    }  # fmt: skip


def over_http(asked: Iterable[Json]) -> list[Json]:
    """Return the richest example of every form that an answer had, and one of every refusal that happened."""
    best: dict[tuple[str, ...], Json] = {}
    for one in asked:
        at = "county" if one["site"] == COUNTY else "hub"
        form = one["answer"].get("error") or " ".join(name for name, value in one["answer"].items() if value)
        key = (at, one["method"], one["path"].partition("?")[0], form)
        if key not in best or _rich(one) > _rich(best[key]):
            best[key] = one
    return [
        {"at": at, "method": method, "path": path, **{name: one[name] for name in ("status", "request", "answer")}}
        for (at, method, path, _), one in sorted(best.items())
    ]


def _rich(one: Json) -> int:
    """Return how much an example says: how many of its fields are not empty, few words before many."""
    said = json.dumps([one["request"], one["answer"]])
    if len(said) > 6_000:
        return 0
    nothing = said.count("null") + said.count("[]") + said.count('""')
    return said.count('":') * 10 - nothing * 15


def words() -> dict[str, list[str]]:
    """Return the words that stand in messages and tables."""
    enums = {
        "language": m.Language,
        "ticket state": m.TicketState,
        "window state": m.WindowState,
        "print outcome": m.PrintOutcome,
        "device kind": m.DeviceKind,
        "presence": m.Presence,
        "paper": m.Paper,
        "county state": m.CountyState,
        "asked": c.Asked,
        "held": c.Held,
    }
    return {name: [one.value for one in enum] for name, enum in enums.items()}


def below(parent: type[Refusal]) -> set[type[Refusal]]:
    """Return every kind of a refusal."""
    return {found for child in parent.__subclasses__() for found in (child, *below(child))}


def other_requests() -> dict[str, Json]:
    """Return the commands that people give on pages: no route takes them, their digests are remembered all the same."""
    request_id = "old-tree:page"
    return {
        "check in": of_model(m.CheckIn(request_id=request_id)),
        "notice": of_model(m.SetNotice(request_id=request_id, zh="停电", en="No power")),
    }


def read(connection: Connection, site: str) -> Json:
    """Return what the tables of a site hold."""
    days = connection.execute(select(t.days.c.day).where(t.days.c.site == site).order_by(t.days.c.day)).scalars().all()
    newest = connection.execute(
        select(t.journal.c.seq, t.journal.c.chain).where(t.journal.c.site == site).order_by(t.journal.c.seq.desc())
    ).first()
    rows = {
        table.name: [
            [str(value) if isinstance(value, date) else value for value in row]
            for row in connection.execute(select(table).where(table.c.site == site).order_by(*table.primary_key))
        ]
        for table in t.MADE_FROM_JOURNAL
    }
    return {
        "seq": newest.seq if newest else 0,
        "chain": newest.chain if newest else c.CHAIN_START,
        "digests": {day.isoformat(): tables_digest(connection, site, day) for day in days},
        "counts": {name: len(found) for name, found in rows.items()},
        "tables": rows,
    }


def standing_hall(hall: Hall) -> Json:
    """Return what a hall is, in words that no renaming changes."""
    return {
        "seq": hall.seq,
        "day": str(hall.day),
        "notice": of_model(hall.notice),
        "counts": dict(hall.counts),
        "tickets": {ticket.number: ticket.state.value for ticket in hall.tickets.values()},
        "queues": {service: [ticket.number for ticket in queue] for service, queue in hall.queues.items() if queue},
        "windows": {
            name: [hall.window(name).state.value, hall.window(name).ticket, list(hall.window(name).helps)]
            for name in hall.offer.windows
        },
        "calls": [[call.number, call.window, call.call_seq, call.recall] for call in hall.calls],
        "prints": {job.job: job.outcome.value for jobs in hall.prints.values() for job in jobs},
        "referrals": {name: sent.state.value for name, sent in hall.referrals.items()},
        "places": {name: place.ticket or place.reason for name, place in hall.places.items()},
        "served": {service: [d.seconds for d in found] for service, found in hall.learned.durations.items()},
        "came": list(hall.learned.came),
        "promises judged": len(hall.learned.outcomes),
        "catalogue": of_model(hall.offer.catalogue),
    }


def hub_expected(site: Site, hall: Hall, asked: Iterable[Json]) -> Json:
    """Return what a hub's database says, and which answers it remembers."""
    engine = open_reader(site.path)
    with engine.connect() as connection:
        said = read(connection, site.site)
        remembered = connection.execute(select(t.requests.c.request_id)).scalars().all()
    engine.dispose()
    newest: dict[tuple[str, str, bool], Json] = {}
    for one in asked:
        if one["site"] == site.site and one["request"] and one["request"]["request_id"] in remembered:
            again = {**one, "path": one["path"].format(**one["params"])}
            key = (one["method"], one["path"], one["status"] == 200)
            newest[key] = {name: value for name, value in again.items() if name not in ("site", "params")}
    return {**said, "hall": standing_hall(hall), "requests": len(remembered), "asked": list(newest.values())}


def county_expected(path: Path) -> Json:
    """Return what the county's database says: of the sites' tables only how many rows and which digests."""
    store = AllSites(open_county(f"sqlite:///{path}"))
    with closing(store), store.reader.connect() as connection:
        heads = store.heads()
        sites = {site: read(connection, site) for site in heads}
        facts = [of_model(entry) for entry in store.entries(COUNTY, since=0)]
    for said in sites.values():
        del said["tables"]
    shown = {
        site: {
            name: str(value)
            if isinstance(value, datetime)
            else of_model(value)
            if isinstance(value, BaseModel)
            else value
            for name in head.__slots__
            for value in [getattr(head, name)]
        }
        for site, head in heads.items()
    }
    return {"heads": shown, "sites": sites, "own": facts}


def small(path: Path, kept: Path) -> None:
    """Put a database that nobody uses into one small file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def write(path: Path, said: Json) -> None:
    """Write JSON that a person can look at: one example on each line."""
    path.write_text(_lines(said) + "\n", encoding="utf-8")


def _lines(said: Any, deep: int = 0) -> str:
    one = json.dumps(said, ensure_ascii=False)
    if deep >= 4 or len(one) < 100 or not isinstance(said, dict | list):
        return one
    inside = (
        [f"{json.dumps(k, ensure_ascii=False)}: {_lines(v, deep + 1)}" for k, v in said.items()]
        if isinstance(said, dict)
        else [_lines(v, deep + 1) for v in said]
    )
    begin, end = "{}" if isinstance(said, dict) else "[]"
    return f"{begin}\n" + ",\n".join(inside) + f"\n{end}"


async def make(folder: Path, target: Path) -> None:
    """Live through the story and keep what it leaves."""
    secrets = fixed_secrets()
    asking.new_secret = sending.new_secret = secrets
    county_link.new_secret = secrets
    times, record = Times(), Record()
    sites = [Site(name, times, folder / name, record) for name in (MAIN, POLICE)]
    main, police = sites
    county = County(times, folder / COUNTY, record, sites)
    await Story(times, main, police, county).tell()
    mqtt = list(told(main))
    await main.ask("GET", "/v1/devices", by="display-1")

    halls = {site.site: site.hall for site in sites}
    first: dict[str, Json] = {}
    lines: dict[str, Json] = {}
    for name in (MAIN, POLICE, COUNTY):
        for entry in county.county.store.entries(name, since=0):
            kind = entry.fact.kind
            if kind not in first or _rich({"request": 0, "answer": of_model(entry)}) > _rich(
                {"request": 0, "answer": first[kind]}
            ):
                first[kind] = of_model(entry)
                lines[kind] = of_model(line_of(entry))
    missing = {one.model_fields["kind"].default for one in get_args(get_args(j.AnyFact)[0])} - set(first)
    if missing:
        raise ValueError(f"nothing of the story wrote {missing}")
    for site in sites:
        await site.stop()
    await county.stop()

    refusals = [one["answer"] for one in record.asked if one["status"] >= 400]
    http = [*over_http(record.asked), standing(main, refusals)]
    write(
        target / "messages.json",
        {
            "mqtt": mqtt,
            "http": http,
            "pages": other_requests(),
            "entries": dict(sorted(first.items())),
            "lines": {kind: lines[kind] for kind in ("ticket_issued", "place_held", "proposal_made")},
            "errors": {
                "hub": {name: one.status for name, one in ERRORS.items()},
                "county": {name: one.status for name, one in COUNTY_ERRORS.items()},
            },
            "refusals": sorted({one.name for one in below(Refusal)}),
            "words": words(),
        },
    )
    for site in sites:
        small(site.path, target / f"{site.site}.sqlite.gz")
    small(county.path, target / "county.sqlite.gz")
    expected = {site.site: hub_expected(site, halls[site.site], record.asked) for site in sites}
    write(target / "expected.json", {**expected, COUNTY: county_expected(county.path)})


if __name__ == "__main__":
    into = Path(sys.argv[1])
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(make(Path(scratch), into))
