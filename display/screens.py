"""One screen's memory: takes what was heard, answers what to show and what to say. No Kivy, no clock of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from display.announcing import Announcing
from display.feed_inbox import BoardHeard, BrokerPresence, CallSpoken, FeedEvent, HubHeard, NoticeHeard, SignHeard
from display.freshness import Freshness
from display.view_models import HallView, SignView, hall_view, only, sign_view
from protocol.retained_messages import Call, HubStatus, Notice, Sign


class Screen(Protocol):
    """What every layout's memory can do. ``at`` is in monotonic seconds, ``now`` in the hall's time zone."""

    def take(self, heard: FeedEvent, *, at: float) -> None:
        """Remember what was heard."""
        ...

    def next_call(self, *, at: float) -> Call | None:
        """Return the call that took the highlight since the last question, to be spoken once, or None."""
        ...

    def view(self, *, now: datetime, at: float) -> HallView | SignView:
        """Return what to show."""
        ...


class HallScreen:
    """The hall board, or a zone's part of it."""

    def __init__(
        self, *, highlight_s: float, page_s: float, only_windows: frozenset[str], only_services: frozenset[str]
    ) -> None:
        self._announcing = Announcing(minimum_s=highlight_s)
        self._freshness = Freshness()
        self._notice: Notice | None = None
        self._page_s = page_s
        self._only_windows, self._only_services = only_windows, only_services
        self._said: Call | None = None

    def take(self, heard: FeedEvent, *, at: float) -> None:
        """Remember what was heard."""
        match heard:
            case BoardHeard(board=board, replayed=replayed):
                mine = only(board, windows=self._only_windows, services=self._only_services)
                self._announcing = self._announcing.heard(mine, replayed=replayed, at=at)
            case HubHeard(status=status, replayed=replayed):
                if _started_afresh(self._freshness.hub, status):
                    self._announcing = self._announcing.hub_started()
                self._freshness = self._freshness.heard(status, replayed=replayed, at=at)
            case BrokerPresence(connected=connected):
                self._freshness = self._freshness.presence(connected=connected)
                if connected:
                    self._announcing = self._announcing.connected()
            case NoticeHeard(notice=notice):
                self._notice = notice
            case CallSpoken(call_seq=call_seq):
                self._announcing = self._announcing.was_spoken(call_seq)
            case SignHeard():
                pass

    def next_call(self, *, at: float) -> Call | None:
        """Return the call that took the highlight since the last question, or None."""
        self._announcing = self._announcing.at(at)
        present = self._announcing.present
        if present is None or present == self._said:
            return None
        self._said = present
        return present

    def view(self, *, now: datetime, at: float) -> HallView:
        """Return what to show."""
        return hall_view(self._announcing, self._freshness, notice=self._notice, now=now, at=at, page_s=self._page_s)


class SignScreen:
    """The sign above one window; it does not speak."""

    def __init__(self) -> None:
        self._freshness = Freshness()
        self._sign: Sign | None = None
        self._hub_is_new = False

    def take(self, heard: FeedEvent, *, at: float) -> None:
        """Remember what was heard; a sign with an older ``seq`` is dropped unless the hub started afresh."""
        match heard:
            case SignHeard(sign=sign):
                if self._sign is None or sign.seq >= self._sign.seq or self._hub_is_new:
                    self._sign, self._hub_is_new = sign, False
            case HubHeard(status=status, replayed=replayed):
                self._hub_is_new = self._hub_is_new or _started_afresh(self._freshness.hub, status)
                self._freshness = self._freshness.heard(status, replayed=replayed, at=at)
            case BrokerPresence(connected=connected):
                self._freshness = self._freshness.presence(connected=connected)
            case BoardHeard() | NoticeHeard() | CallSpoken():
                pass

    def next_call(self, *, at: float) -> Call | None:  # noqa: ARG002 - a sign is silent; the hall board speaks
        """Return None."""
        return None

    def view(self, *, now: datetime, at: float) -> SignView:
        """Return what to show."""
        return sign_view(self._sign, self._freshness, now=now, at=at)


def _started_afresh(before: HubStatus | None, now: HubStatus) -> bool:
    """Whether the hub that speaks now is another run than the one before."""
    return before is not None and before.boot != now.boot
