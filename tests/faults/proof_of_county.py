"""Through cut, flapping and slow cables and killed servers: no entry is lost, and each visitor has one place."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path

from asking_again import Asked, Asker, Crowd
from cabled_county import SILENT_S, CabledCounty
from claims import Finding, Sizes
from contested_hall import issue
from county_net import Condition
from journal_read import Journal

SEED = 20261122
SITES = ("main-hall", "tax", "social-security")
SHARED = ("tax-filing", "invoice", "social-card", "pension-enrolment")
"""What the main hall's visitors come for: each has another site that does it too."""
SLOW = Condition(delay_s=0.3, loss=0.05, bits_per_s=256_000)
QUEUE = 40
"""So many wait at the main hall in the morning, so that going elsewhere pays."""
SETTLED_WITHIN_S = 60.0
ANSWER_S = 3.0
"""So long a hub waits for a place elsewhere."""
COMES = 0.7
PAUSE_S = 0.3


class CountyAtWork:
    """A county, and everyone who asks something of its hubs."""

    def __init__(self, county: CabledCounty) -> None:
        self.county = county
        self.askers: dict[str, list[Asker]] = {site: [] for site in county.sites}
        self.at_the_end: set[str] = set()
        """Tickets of those who have checked in where they were sent, or never will: a second time changes nothing."""

    def asker(self, site: str, device: str) -> Asker:
        """Return one more connection of a device."""
        hall = self.county.halls[site]
        self.askers[site].append(Asker(host=hall.host, port=hall.port, device=device, key=hall.key(device)))
        return self.askers[site][-1]

    def done(self, site: str) -> Iterator[Asked]:
        """Yield every command that a site's hub carried out."""
        return (asked for asker in self.askers[site] for asked in asker.asked if asked.status == 200)

    def close(self) -> None:
        """Hang up."""
        for askers in self.askers.values():
            for asker in askers:
                asker.close()


def county(folder: Path, sizes: Sizes) -> Finding:
    """Refer visitors while everything between the sites breaks."""
    finding = Finding(
        claim=f"{sizes.county_seeds} × {sizes.county_troubles} cut, slow and flapping cables and killed servers"
    )
    with CabledCounty(folder, sites=SITES) as running, closing(CountyAtWork(running)) as work:
        for site in SITES:
            running.open_windows(site)
        for turn in range(sizes.county_seeds):
            _play_troubles(work, random.Random(SEED + turn), troubles=sizes.county_troubles)
            finding.at_most(_settle(running), SETTLED_WITHIN_S * sizes.patience, f"turn {turn + 1}: equal after")
        _check(finding, work)
        _catch_up(finding, work, sizes)
    return finding


def _play_troubles(work: CountyAtWork, chance: random.Random, *, troubles: int) -> None:
    """Let visitors come, go elsewhere and be called, while one trouble follows another."""
    running = work.county
    running.issue_tickets("main-hall", "tax-filing", count=QUEUE // 2)
    running.issue_tickets("main-hall", "social-card", count=QUEUE // 2)
    crowd = Crowd()
    crowd.add(_keep_coming, work.asker("main-hall", "kiosk-1"), crowd, random.Random(chance.random()))
    crowd.add(_keep_coming, work.asker("main-hall", "kiosk-2"), crowd, random.Random(chance.random()))
    for site in SITES[1:]:
        crowd.add(_keep_arriving, work, work.asker(site, "kiosk-1"), site, crowd, random.Random(chance.random()))
        crowd.add(_keep_serving, work.asker(site, "window-1"), crowd)
    kinds = chance.sample(TROUBLES, len(TROUBLES))
    for trouble in islice(cycle(kinds), troubles):
        trouble(running, chance.choice(SITES), chance.uniform(0.5, 4.0))
        if crowd.stopping.is_set():
            break
    crowd.stop()


# ------------------------------------------------------------------------------------------------------- people


def _keep_coming(kiosk: Asker, crowd: Crowd, chance: random.Random) -> None:
    """Come to the main hall, and go where it is sooner whenever something is offered."""
    while not crowd.stopping.is_set():
        service = chance.choice(SHARED)
        offered = kiosk.command("/v1/offers", service=service)
        offer = offered.answer.get("offer") if offered.status == 200 else None
        goes = offer is not None and kiosk.command("/v1/referrals", offer=offer["id"]).status == 200
        if not goes:
            kiosk.command("/v1/tickets", service=service)
        time.sleep(PAUSE_S)


def _keep_arriving(work: CountyAtWork, kiosk: Asker, site: str, crowd: Crowd, chance: random.Random) -> None:
    """Check in at a site with the papers of those who were sent there; some never come."""
    while not crowd.stopping.is_set():
        for paper in [a.answer for a in work.done("main-hall") if a.path == "/v1/referrals"]:
            if paper["site"]["site"] == site and paper["ticket"] not in work.at_the_end:
                comes = chance.random() < COMES
                if not comes or kiosk.command("/v1/check-ins", code=paper["ticket"]).status == 200:
                    work.at_the_end.add(paper["ticket"])
        time.sleep(PAUSE_S)


def _keep_serving(window: Asker, crowd: Crowd) -> None:
    """Call whoever is next; whom nobody serves makes place for the next."""
    while not crowd.stopping.is_set():
        window.command(f"/v1/windows/{window.device}/call-next")
        time.sleep(PAUSE_S)


# ----------------------------------------------------------------------------------------------------- troubles


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


def _kill_the_county(county: CabledCounty, site: str, for_s: float) -> None:  # noqa: ARG001 - any trouble's shape
    county.county.processes[0].kill()
    time.sleep(for_s / 2)
    county.county.start()


def _freeze_the_county(county: CabledCounty, site: str, for_s: float) -> None:  # noqa: ARG001 - the same
    """Longer than a place elsewhere is waited for."""
    county.county.processes[0].freeze()
    time.sleep(ANSWER_S + for_s / 4)
    county.county.processes[0].thaw()


TROUBLES = (_cut, _pull_the_plug, _flap, _slow_down, _kill_a_hub, _kill_the_county, _freeze_the_county)


# ------------------------------------------------------------------------------------------------------ the end


def _settle(county: CabledCounty) -> float:
    """Wait until both sides of every referral are done with it and all copies agree; return how many seconds."""
    began = time.monotonic()
    county.wait_until_settled()
    return time.monotonic() - began - SILENT_S


def _check(finding: Finding, work: CountyAtWork) -> None:
    told = work.county.wait_until_settled()
    taken = {one.taken["there"]: one for one in told if one.taken}
    finding.report(f"{len(told)} referrals, {len(taken)} of them taken")
    finding.none(sum(one.owners > 1 for one in told), "visitors with two places")
    finding.none(sum(one.owners < 1 for one in told), "visitors with none")
    finding.none(sum(one.written["referral_taken"] > 1 for one in told), "referrals taken twice")
    finding.none(sum(one.taken is not None and one.written["referral_given_up"] > 0 for one in told), "both ways")
    finding.none(sum(one.called_after for one in told), "tickets called after they were let go")
    papers = [a.answer for a in work.done("main-hall") if a.path == "/v1/referrals"]
    known = [(taken[p["ticket"]].taken or {})["number"] if p["ticket"] in taken else None for p in papers]
    finding.none(sum(p["number"] != number for p, number in zip(papers, known, strict=True)), "papers without a place")
    for site in SITES:
        done = [a for a in work.done(site) if a.path != "/v1/offers"]
        _check_journal(finding, work.county.journal(site), site=site, done=done)


def _check_journal(finding: Finding, journal: Journal, *, site: str, done: list[Asked]) -> None:
    written = {line.request_id for line in journal.lines}
    finding.none(sum(asked.request["request_id"] not in written for asked in done), f"answers of {site} lost")
    finding.none(journal.done_twice(), f"requests done twice at {site}")
    finding.report(f"{len(journal.lines):,} entries at {site}")


def _catch_up(finding: Finding, work: CountyAtWork, sizes: Sizes) -> None:
    """Write a day's entries at a site that the county does not hear, then let it hear them."""
    county, kiosk = work.county, work.asker("tax", "kiosk-2")
    county.cable("tax").cut()
    for _ in range(sizes.backlog // 2):
        issue(kiosk, "invoice")
    county.cable("tax").heal()
    began = time.monotonic()
    county.wait_until_equal("tax")
    finding.at_most(
        time.monotonic() - began, SETTLED_WITHIN_S * sizes.patience, f"{sizes.backlog:,} entries of backlog taken in"
    )
