"""What the demo prints at the terminal: Chinese first, English after it. Safe to use from several threads."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

from demo.setup.county_setup import CountySetup
from kiosk.wording import ahead_in_short
from protocol.answers import ServiceAnswer, TicketAnswer
from protocol.clients.hub_client import HubError
from protocol.text import waits
from protocol.text.window_names import window_name
from protocol.vocabulary import Text

EVERYDAY_S = 1.0
"""Shortest interval between two reports of everyday events, seconds: a reader can follow, whatever the speed."""
PAGE_EVERY = 10
"""Number of tickets per printed address of a ticket's page."""


class Narrator:
    """Prints and counts events. ``quiet`` gives one for the halls that are not shown: it mostly counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count: Counter[str] = Counter()
        self._reports_everyday = True
        self._everyday_at = float("-inf")

    def quiet(self) -> Narrator:
        """Return a narrator that shares this one's counts and does not print everyday tickets and calls."""
        other = Narrator()
        other._lock, other._count, other._reports_everyday = self._lock, self._count, False
        return other

    def report(self, zh: str, en: str) -> None:
        """Print one event on one line."""
        self.line(f"{zh}  /  {en}")

    def line(self, text: str = "") -> None:
        """Print a line as it is."""
        with self._lock:
            print(text, flush=True)

    def _everyday(self, zh: str, en: str) -> None:
        """Report one of a hall's many events, at most one in EVERYDAY_S seconds."""
        now = time.monotonic()
        with self._lock:
            due = self._reports_everyday and now - self._everyday_at >= EVERYDAY_S
            if due:
                self._everyday_at = now
        if due:
            self.report(zh, en)

    def welcome(self, county: CountySetup, *, speed: float) -> None:
        """Print the addresses, passcodes and folders, and how fast the people are."""
        setup = county.shown
        name, passcodes = setup.catalogue.name, setup.passcodes
        self.line()
        self.report(f"叫号演示 · {name.zh}", f"Jiaohao demo · {name.en}")
        if county.county is not None:
            branches, server = len(county.sites) - 1, county.county
            self.report(
                f"  和 {branches} 个分中心，各有自己的服务器，由县平台连在一起",
                f"and {branches} branches, each with a hub, joined by the county",
            )
            self.line(f"  县页面 county's page      {server.url}/county   口令 passcode {server.passcode}")
        self.line(f"  窗口页面 clerks' page     {setup.url}/clerk    口令 passcode {passcodes['clerk']}")
        self.line(f"  管理页面 managers' page   {setup.url}/manager  口令 passcode {passcodes['manager']}")
        self.line(f"  图片 pictures             {shown(setup.demo_folder.pictures)}")
        self.line("  结束 to end               Ctrl-C")
        if setup.persons_window is not None:
            name = window_name(setup.persons_window.label)
            self.report(f"  {name.zh}留给您：在窗口页面选它", f"{name.en} is yours: choose it on the clerks' page")
        self.report(
            f"  人们比真实快 {speed:g} 倍；预计等候先按真实的办理时长，以后渐渐按这里量到的",
            f"people are {speed:g} times faster than life; "
            "promised waits begin with real serving times and little by little follow those measured here",
        )
        if county.county is not None and speed > 1:
            self.report(
                "  所以县页面上“节省的分钟”在演示里偏大，也没有调整建议（大厅太快了）",
                "so the minutes saved on the county's page are too many here, and no changes are proposed to managers",
            )
        self.line()

    def ticket(self, ticket: TicketAnswer, service: ServiceAnswer, *, page: str) -> None:
        """Report a simulated visitor's new ticket, and the address of its page once in PAGE_EVERY tickets."""
        count = self._add("tickets")
        ahead = ahead_in_short(ticket.people_ahead, ticket.promise)
        self._everyday(
            f"取号 {ticket.number} {service.name.zh}，{ahead.zh}",
            f"ticket {ticket.number}, {service.name.en}: {ahead.en}",
        )
        if self._reports_everyday and count % PAGE_EVERY == 1:
            self.line(f"    {ticket.number} 的网页 its page: {page}")

    def kiosk_ticket(self, number: str, service: Text) -> None:
        """Report a ticket issued at the kiosk."""
        self._add("tickets")
        self.report(f"取号 {number} {service.zh}，在取号机上", f"ticket {number}, {service.en}, at the kiosk")

    def persons_ticket(self, paper: Path) -> None:
        """Print where the picture of a person's paper is."""
        self._add("tickets")
        self.picture("您的小票", "your ticket on paper", paper)

    def call(self, number: str, *, label: str) -> None:
        """Report a call."""
        self._add("calls")
        name = window_name(label)
        self._everyday(f"叫号 {number} → {name.zh}", f"call {number} to {name.en}")

    def no_show(self, number: str, *, label: str) -> None:
        """Report a no-show."""
        name = window_name(label)
        self._everyday(f"过号 {number} 没到 {name.zh}", f"{number} did not come to {name.en}")

    def sets_out(self, number: str, *, to: Text, minutes: float) -> None:
        """Report a visitor who accepted an offer and is on the way to another site."""
        self._add("referred")
        self.report(
            f"→ 访客接受建议，拿着 {number} 去{to.zh}，路上约 {minutes:.0f} 分钟",
            f"a visitor accepts the offer and goes to {to.en} with {number}, about {minutes:.0f} min on the way",
        )

    def checks_in(self, number: str, *, at: Text, people_ahead: int | None) -> None:
        """Report a check-in at the other site."""
        zh, en = f"→ {number} 到{at.zh}报到", f"{number} checks in at {at.en}"
        if people_ahead is not None:
            ahead = waits.people_ahead(people_ahead)
            zh, en = f"{zh}，{ahead.zh}", f"{en}: {ahead.en}"
        self.report(zh, en)

    def not_checked_in(self, number: str, error: HubError) -> None:
        """Report a check-in that was refused or not answered; the visitor tries again."""
        self.report(f"→ {number} 暂时不能报到：{error}", f"{number} cannot check in yet: {error}")

    def called_there(self, number: str, *, at: Text, label: str) -> None:
        """Report the call at the other site."""
        name = window_name(label)
        self.report(f"→ {number} 在{at.zh} {name.zh}叫到了", f"{number} is called at {at.en}, {name.en}")

    def picture(self, zh: str, en: str, path: Path) -> None:
        """Print where a picture is."""
        self._add("pictures")
        self.line(f"    {zh} {en}: {shown(path)}")

    def count_paper(self) -> None:
        """Count a printed ticket whose picture is not reported."""
        self._add("pictures")

    def gone(self, program: Text, why: str) -> None:
        """Report that an optional program has ended, with its last line ``why``, and that the rest goes on."""
        self.report(f"{program.zh}窗口没有了，其他照常", f"the {program.en} has no window, everything else goes on")
        if why:
            self.line(f"    {why}")

    def summary(self, *, seconds: float) -> None:
        """Print the counts of the run."""
        tickets, calls, pictures = (self._count[what] for what in ("tickets", "calls", "pictures"))
        self.line()
        self.report(
            f"演示结束，{seconds:.0f} 秒：取号 {tickets}，叫号 {calls}，图片 {pictures}",
            f"the demo has ended after {seconds:.0f} s: {tickets} tickets, {calls} calls, {pictures} pictures",
        )

    def _add(self, what: str) -> int:
        with self._lock:
            self._count[what] += 1
            return self._count[what]


def shown(path: Path) -> str:
    """Return a path relative to the present folder where that is possible."""
    whole = path.absolute()
    return f"./{whole.relative_to(Path.cwd())}" if whole.is_relative_to(Path.cwd()) else str(whole)
