"""The running screen: takes events from the inbox, paints the screen's state, speaks, and publishes its heartbeat."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from kivy.app import App
from kivy.clock import Clock

from display.feed import Feed
from display.feed_inbox import CallSpoken, FeedInbox, HubStatusReceived
from display.kivy_window import open_window, rgba
from display.screens import Screen
from display.screenshots import Screenshots
from display.view_models import HallView, ScreenView, SignView
from hardware.fonts.boxes import box_fault
from hardware.voice.speech_worker import SpeechWorker
from protocol import theme
from protocol.retained_messages import Call
from protocol.vocabulary import Text
from runtime.device_presence import HEARTBEAT_S
from runtime.site_zone import warn_of_other_zone
from runtime.systemd_notify import ALIVE_S, notify_alive, notify_ready

log = logging.getLogger(__name__)

REFRESH_S = 0.25
"""Refresh interval of clock, ages and highlight while nothing arrives, seconds."""
BEAT_S = 0.6
"""Interval between bright and dim highlight, seconds."""


class Layout(Protocol):
    """What paints a view. ``foot_width`` is the room of a notice, px of the design."""

    foot_width: int

    def paint(self, view: ScreenView) -> None:
        """Show a view."""
        ...

    def beat(self) -> None:
        """Change the highlight between bright and dim."""
        ...

    def words(self) -> list[str]:
        """Return every text on the screen."""
        ...


class DisplayApp(App):
    """One screen. ``failed`` is True when it ended because only a new process helps."""

    title = "叫号大屏 Hall screen"

    def __init__(
        self,
        *,
        screen: Screen,
        make_layout: Callable[[], Layout],
        inbox: FeedInbox,
        feed: Feed,
        speaking: SpeechWorker,
        zone_in_file: str | None,
        screenshots: Screenshots | None,
        screenshot_each_announcement: bool,
    ) -> None:
        super().__init__()
        self._screen, self._make_layout = screen, make_layout
        self._inbox, self._feed, self._speaking = inbox, feed, speaking
        self._zone_in_file = zone_in_file
        self._screenshots = screenshots
        self._screenshot_each_announcement = screenshot_each_announcement
        self._painted: HallView | SignView | None = None
        self._shown: HallView | SignView | None = None
        self._screenshot_due: str | None = None
        self._spoken_call: Call | None = None
        self._faults: tuple[Text, ...] = ()
        self._reported: list[int] = []
        self._leaving = False
        self.failed = False

    def build(self) -> Any:  # noqa: ANN401 - Kivy ships no types
        """Make the layout and begin to refresh it."""
        self._layout = self._make_layout()
        wake = Clock.create_trigger(self._refresh)
        self._inbox.on_arrival(wake)
        Clock.schedule_interval(self._refresh, REFRESH_S)
        Clock.schedule_interval(lambda _: self._layout.beat(), BEAT_S)
        Clock.schedule_interval(self._publish_heartbeat, HEARTBEAT_S)
        Clock.schedule_interval(lambda _: notify_alive(), ALIVE_S)
        window = open_window()
        window.clearcolor = rgba(theme.BOARD_BACKGROUND)
        window.bind(on_flip=self._flip)
        self._feed.start()
        self._refresh()
        notify_ready()
        return self._layout

    def request_stop(self) -> None:
        """End with the next refresh; safe from a signal handler."""
        self._leaving = True

    def request_screenshot(self) -> None:
        """Save a screenshot with the next refresh; safe from a signal handler."""
        self._screenshot_due = self._screenshot_due or "asked"

    def _refresh(self, *_: object) -> None:
        """Take what arrived, speak what is due, paint what changed."""
        if self._leaving:
            self.stop()
            return
        at = time.monotonic()
        for event in self._inbox.take():
            self._screen.take(event, at=at)
            if isinstance(event, HubStatusReceived):
                warn_of_other_zone(self._zone_in_file, of_site=event.status.time_zone)
            if isinstance(event, CallSpoken):
                self._note_spoken(event.fault, at=at)
        utterance = self._screen.next_utterance(at=at)
        if utterance is not None:
            self._speaking.announce(utterance)
            if self._screenshot_each_announcement and utterance.call != self._spoken_call:
                self._screenshot_due = "call"
            self._spoken_call = utterance.call
        self._paint(self._screen.view(now=datetime.now(UTC), at=at, foot_width=self._layout.foot_width))

    def _paint(self, view: HallView | SignView) -> None:
        if view != self._painted:
            self._layout.paint(view)
            self._painted = view
        elif self._screenshot_due is not None and self._screenshots is not None and self._shown is self._painted:
            self._screenshots.save(self._screenshot_due)
            self._screenshot_due = None

    def _flip(self, window: Any) -> bool:  # noqa: ANN401 - Kivy ships no types
        """Show the frame, then record its texts; True keeps Kivy from showing it twice."""
        window.flip()
        if self._shown is not self._painted and self._painted is not None:
            self._shown = self._painted
            if self._screenshots is not None:
                self._screenshots.painted(self._painted, self._layout.words())
        return True

    def _note_spoken(self, fault: Text | None, *, at: float) -> None:
        """Publish what the voice has announced, and whether it works."""
        announced = self._screen.announced(at=at)
        faults = () if fault is None else (fault,)
        reported = [call.call_seq for call in announced]
        if (faults, reported) != (self._faults, self._reported):
            self._faults, self._reported = faults, reported
            self._publish_heartbeat()

    def _publish_heartbeat(self, *_: object) -> None:
        """Publish the heartbeat to hall and systemd; from the painting thread, so that a frozen screen sends none."""
        if not self._feed.alive:
            log.critical("the broker client's thread is dead: ending, so that this screen is started afresh")
            self.failed = True
            self.stop()
            return
        boxes = box_fault()
        self._feed.publish_status(
            faults=(*self._faults, *([boxes] if boxes else [])), announced=self._screen.announced(at=time.monotonic())
        )
