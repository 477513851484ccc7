"""Through cut, flapping and slow cables and killed servers: no entry is lost, and each visitor has one place."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path

from cabled_county import SILENT_S, CabledCounty
from claims import Finding, Sizes
from contested_hall import issue
from county_net import Condition
from journal_audit import Journal
from retrying_client import AnsweredRequest, RetryingClient
from thread_group import ThreadGroup

SEED = 20261122
SITES = ("main-hall", "tax", "social-security")
SHARED = ("tax-filing", "invoice", "social-card", "pension-enrolment")
"""Services of the main hall that another site has too."""
SLOW = Condition(delay_s=0.3, loss=0.05, bits_per_s=256_000)
QUEUE = 40
"""Number of visitors who wait at the main hall at the start, so that an offer pays."""
SETTLED_WITHIN_S = 60.0
ANSWER_S = 3.0
"""Time for which a hub waits for a place at another site, seconds."""
COMES = 0.7
PAUSE_S = 0.3


class CountyAtWork:
    """A county, and the clients that send requests to its hubs."""

    def __init__(self, county: CabledCounty) -> None:
        self.county = county
        self.clients: dict[str, list[RetryingClient]] = {site: [] for site in county.sites}
        self.at_the_end: set[str] = set()
        """Tickets of referred visitors who have checked in at the destination, or never will."""

    def client(self, site: str, device: str) -> RetryingClient:
        """Return one more connection of a device."""
        hall = self.county.halls[site]
        self.clients[site].append(RetryingClient(host=hall.host, port=hall.port, device=device, key=hall.key(device)))
        return self.clients[site][-1]

    def done(self, site: str) -> Iterator[AnsweredRequest]:
        """Yield every request that a site's hub carried out."""
        return (a for client in self.clients[site] for a in client.answered if a.status == 200)

    def close(self) -> None:
        """Close all connections."""
        for clients in self.clients.values():
            for client in clients:
                client.close()


def county(folder: Path, sizes: Sizes) -> Finding:
    """Refer visitors while everything between the sites breaks."""
    finding = Finding(
        claim=f"{sizes.county_seeds} × {sizes.county_faults} cut, slow and flapping cables and killed servers"
    )
    with CabledCounty(folder, sites=SITES) as running, closing(CountyAtWork(running)) as work:
        for site in SITES:
            running.open_windows(site)
        for turn in range(sizes.county_seeds):
            _inject_faults(work, random.Random(SEED + turn), faults=sizes.county_faults)
            finding.at_most(_settle(running), SETTLED_WITHIN_S * sizes.patience, f"turn {turn + 1}: equal after")
        _check(finding, work)
        _catch_up(finding, work, sizes)
    return finding


def _inject_faults(work: CountyAtWork, chance: random.Random, *, faults: int) -> None:
    """Issue, refer and call under load, while one fault follows another."""
    running = work.county
    running.issue_tickets("main-hall", "tax-filing", count=QUEUE // 2)
    running.issue_tickets("main-hall", "social-card", count=QUEUE // 2)
    threads = ThreadGroup()
    threads.add(_keep_coming, work.client("main-hall", "kiosk-1"), threads, random.Random(chance.random()))
    threads.add(_keep_coming, work.client("main-hall", "kiosk-2"), threads, random.Random(chance.random()))
    for site in SITES[1:]:
        threads.add(_keep_arriving, work, work.client(site, "kiosk-1"), site, threads, random.Random(chance.random()))
        threads.add(_keep_serving, work.client(site, "window-1"), threads)
    kinds = chance.sample(FAULTS, len(FAULTS))
    for fault in islice(cycle(kinds), faults):
        fault(running, chance.choice(SITES), chance.uniform(0.5, 4.0))
        if threads.stopping.is_set():
            break
    threads.stop()


# ------------------------------------------------------------------------------------------------------- people


def _keep_coming(kiosk: RetryingClient, threads: ThreadGroup, chance: random.Random) -> None:
    """Issue tickets at the main hall; accept every offer."""
    while not threads.stopping.is_set():
        service = chance.choice(SHARED)
        offered = kiosk.command("/v1/offers", service=service)
        offer = offered.answer.get("offer") if offered.status == 200 else None
        goes = offer is not None and kiosk.command("/v1/referrals", offer=offer["id"]).status == 200
        if not goes:
            kiosk.command("/v1/tickets", service=service)
        time.sleep(PAUSE_S)


def _keep_arriving(
    work: CountyAtWork, kiosk: RetryingClient, site: str, threads: ThreadGroup, chance: random.Random
) -> None:
    """Check in at a site the visitors who were referred there; some never come."""
    while not threads.stopping.is_set():
        for paper in [a.answer for a in work.done("main-hall") if a.path == "/v1/referrals"]:
            if paper["site"]["site"] == site and paper["ticket"] not in work.at_the_end:
                comes = chance.random() < COMES
                if not comes or kiosk.command("/v1/check-ins", code=paper["ticket"]).status == 200:
                    work.at_the_end.add(paper["ticket"])
        time.sleep(PAUSE_S)


def _keep_serving(window: RetryingClient, threads: ThreadGroup) -> None:
    """Call the next visitor again and again; one who was not served is finished by the next call."""
    while not threads.stopping.is_set():
        window.command(f"/v1/windows/{window.device}/call-next")
        time.sleep(PAUSE_S)


# ----------------------------------------------------------------------------------------------------- faults


def _cut(county: CabledCounty, site: str, for_s: float) -> None:
    county.cable(site).cut()
    time.sleep(for_s)
    county.cable(site).heal()


def _pull_the_plug(county: CabledCounty, site: str, for_s: float) -> None:
    county.cable(site).unplug()
    time.sleep(for_s)
    county.cable(site).plug()


def _flap(county: CabledCounty, site: str, for_s: float) -> None:
    for _ in range(10):
        _cut(county, site, for_s / 20)
        time.sleep(for_s / 20)


def _slow_down(county: CabledCounty, site: str, for_s: float) -> None:
    county.cable(site).be(SLOW)
    time.sleep(for_s)
    county.cable(site).heal()


def _kill_a_hub(county: CabledCounty, site: str, for_s: float) -> None:
    county.halls[site].hub.kill()
    time.sleep(for_s / 4)
    county.halls[site].start_hub()


def _kill_the_county(county: CabledCounty, site: str, for_s: float) -> None:  # noqa: ARG001 - any fault's shape
    county.county.processes[0].kill()
    time.sleep(for_s / 2)
    county.county.start()


def _freeze_the_county(county: CabledCounty, site: str, for_s: float) -> None:  # noqa: ARG001 - the same
    """Longer than a hub waits for a place at another site."""
    county.county.processes[0].freeze()
    time.sleep(ANSWER_S + for_s / 4)
    county.county.processes[0].resume()


FAULTS = (_cut, _pull_the_plug, _flap, _slow_down, _kill_a_hub, _kill_the_county, _freeze_the_county)


# ------------------------------------------------------------------------------------------------------ the end


def _settle(county: CabledCounty) -> float:
    """Wait until every referral is settled and all copies agree; return the seconds that took."""
    began = time.monotonic()
    county.wait_until_settled()
    return time.monotonic() - began - SILENT_S


def _check(finding: Finding, work: CountyAtWork) -> None:
    traces = work.county.wait_until_settled()
    taken = {one.taken["there"]: one for one in traces if one.taken}
    finding.report(f"{len(traces)} referrals, {len(taken)} of them taken")
    finding.none(sum(one.owners > 1 for one in traces), "visitors with two places")
    finding.none(sum(one.owners < 1 for one in traces), "visitors with none")
    finding.none(sum(one.written["referral_taken"] > 1 for one in traces), "referrals taken twice")
    finding.none(sum(one.taken is not None and one.written["referral_given_up"] > 0 for one in traces), "both ways")
    finding.none(sum(one.called_after for one in traces), "tickets called after they were referred")
    papers = [a.answer for a in work.done("main-hall") if a.path == "/v1/referrals"]
    known = [(taken[p["ticket"]].taken or {})["number"] if p["ticket"] in taken else None for p in papers]
    finding.none(sum(p["number"] != number for p, number in zip(papers, known, strict=True)), "papers without a place")
    for site in SITES:
        done = [a for a in work.done(site) if a.path != "/v1/offers"]
        _check_journal(finding, work.county.journal(site), site=site, done=done)


def _check_journal(finding: Finding, journal: Journal, *, site: str, done: list[AnsweredRequest]) -> None:
    written = {line.request_id for line in journal.lines}
    finding.none(sum(a.request["request_id"] not in written for a in done), f"answers of {site} lost")
    finding.none(journal.done_twice(), f"requests done twice at {site}")
    finding.report(f"{len(journal.lines):,} entries at {site}")


def _catch_up(finding: Finding, work: CountyAtWork, sizes: Sizes) -> None:
    """Write a day's entries at a site whose cable is cut, then heal the cable."""
    county, kiosk = work.county, work.client("tax", "kiosk-2")
    county.cable("tax").cut()
    for _ in range(sizes.backlog // 2):
        issue(kiosk, "invoice")
    county.cable("tax").heal()
    began = time.monotonic()
    county.wait_until_equal("tax")
    finding.at_most(
        time.monotonic() - began, SETTLED_WITHIN_S * sizes.patience, f"{sizes.backlog:,} entries of backlog taken in"
    )
