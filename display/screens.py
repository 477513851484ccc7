"""The state of one screen: takes events, returns what to show and what to speak. No Kivy, no clock of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from display.announcing import Announcing
from display.feed_inbox import (
    BoardReceived,
    BrokerConnectionChanged,
    CallSpoken,
    FeedEvent,
    HubStatusReceived,
    NoticeReceived,
    SignReceived,
)
from display.notice_pages import FOOT_PX
from display.view_models import HallView, SignView, hall_view, only, sign_view
from hardware.voice.phrases import Utterance
from protocol.retained_messages import AnnouncedCall, Notice, Sign
from protocol.vocabulary import USUAL_TIME_ZONE, Language
from runtime.hub_liveness import HubLiveness, NewestMessage

REPORTED_S = 300.0
"""Time for which an announcement is repeated to the hub, seconds."""
REPORTED_AT_MOST = 30


class Screen(Protocol):
    """The state behind a layout. ``at`` is in monotonic seconds, ``now`` in any zone."""

    time_zone: str
    """IANA name of the site's zone, as its hub gives it."""

    def take(self, event: FeedEvent, *, at: float) -> None:
        """Apply an event."""
        ...

    def next_utterance(self, *, at: float) -> Utterance | None:
        """Return what is to be spoken, once, or None."""
        ...

    def announced(self, *, at: float) -> list[AnnouncedCall]:
        """Return what the voice has spoken lately, for the hub."""
        ...

    def view(self, *, now: datetime, at: float, foot_width: int) -> HallView | SignView:
        """Return what to show; a notice is broken into pieces of ``foot_width`` px."""
        ...


class HallScreen:
    """The hall board, or a zone's part of it."""

    def __init__(
        self,
        *,
        highlight_s: float,
        page_s: float,
        only_windows: frozenset[str],
        only_services: frozenset[str],
        languages: tuple[Language, ...],
        is_silent: bool,
    ) -> None:
        """``is_silent`` when no call can be heard: then none is reported as announced."""
        self._announcing = Announcing(minimum_s=highlight_s, languages=languages)
        self._is_silent = is_silent
        self._announced: dict[int, float] = {}  # call_seq -> when its words ended
        self._liveness = HubLiveness()
        self._notice: NewestMessage[Notice] = NewestMessage()
        self._page_s = page_s
        self._only_windows, self._only_services = only_windows, only_services
        self._last_utterance: Utterance | None = None
        self.time_zone = USUAL_TIME_ZONE

    def take(self, event: FeedEvent, *, at: float) -> None:
        """Apply an event."""
        match event:
            case BoardReceived(board=board, replayed=replayed):
                mine = only(board, windows=self._only_windows, services=self._only_services)
                self._announcing = self._announcing.with_board(mine, replayed=replayed, at=at)
            case HubStatusReceived(status=status, replayed=replayed):
                if self._liveness.is_restart(status):
                    self._announcing = self._announcing.with_hub_restart()
                    self._notice = self._notice.with_restart()
                self._liveness = self._liveness.with_status(status, replayed=replayed, at=at)
                self.time_zone = status.time_zone
            case BrokerConnectionChanged(connected=connected):
                self._liveness = self._liveness.with_broker(connected=connected)
                if connected:
                    self._announcing = self._announcing.with_connection()
            case NoticeReceived(notice=notice, replayed=replayed):
                self._notice = self._notice.with_message(notice, replayed=replayed)
            case CallSpoken(utterance=utterance, fault=fault):
                if fault is None and utterance.language is not None and not self._is_silent:
                    self._announced.setdefault(utterance.call.call_seq, at)
                self._announcing = self._announcing.with_spoken(utterance, at=at)
            case SignReceived():
                pass

    def next_utterance(self, *, at: float) -> Utterance | None:
        """Return what is to be spoken, once, or None."""
        self._announcing = self._announcing.at(at)
        utterance = self._announcing.speaking
        if utterance is None or utterance == self._last_utterance:
            return None
        self._last_utterance = utterance
        return replace(utterance, then=self._announcing.next_words)

    def announced(self, *, at: float) -> list[AnnouncedCall]:
        """Return what the voice has spoken in the last minutes, oldest first."""
        latest = list(self._announced.items())[-REPORTED_AT_MOST:]
        self._announced = {call_seq: spoken for call_seq, spoken in latest if at - spoken < REPORTED_S}
        return [AnnouncedCall(call_seq=call_seq, ago_s=at - spoken) for call_seq, spoken in self._announced.items()]

    def view(self, *, now: datetime, at: float, foot_width: int = FOOT_PX) -> HallView:
        """Return what to show."""
        local = now.astimezone(ZoneInfo(self.time_zone))
        return hall_view(
            self._announcing,
            self._liveness,
            notice=self._notice.message,
            now=local,
            at=at,
            page_s=self._page_s,
            foot_width=foot_width,
        )


class SignScreen:
    """The sign above one window; it does not speak."""

    def __init__(self) -> None:
        self._liveness = HubLiveness()
        self._sign: NewestMessage[Sign] = NewestMessage()
        self.time_zone = USUAL_TIME_ZONE

    def take(self, event: FeedEvent, *, at: float) -> None:
        """Apply an event; a sign with an older ``seq`` is dropped, by the rules of ``NewestMessage``."""
        match event:
            case SignReceived(sign=sign, replayed=replayed):
                self._sign = self._sign.with_message(sign, replayed=replayed)
            case HubStatusReceived(status=status, replayed=replayed):
                if self._liveness.is_restart(status):
                    self._sign = self._sign.with_restart()
                self._liveness = self._liveness.with_status(status, replayed=replayed, at=at)
                self.time_zone = status.time_zone
            case BrokerConnectionChanged(connected=connected):
                self._liveness = self._liveness.with_broker(connected=connected)
            case BoardReceived() | NoticeReceived() | CallSpoken():
                pass

    def next_utterance(self, *, at: float) -> Utterance | None:  # noqa: ARG002 - a sign is silent; the hall board speaks
        """Return None."""
        return None

    def announced(self, *, at: float) -> list[AnnouncedCall]:  # noqa: ARG002 - a sign is silent
        """Return nothing."""
        return []

    def view(self, *, now: datetime, at: float, foot_width: int = 0) -> SignView:  # noqa: ARG002 - without a foot
        """Return what to show."""
        return sign_view(self._sign.message, self._liveness, now=now.astimezone(ZoneInfo(self.time_zone)), at=at)
