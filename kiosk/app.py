"""One kiosk: its state, the window that shows it and the workers that execute its effects."""

from __future__ import annotations

import queue
import secrets
import signal
import time
from dataclasses import replace
from types import FrameType
from typing import Any

from kivy.base import runTouchApp, stopTouchApp
from kivy.clock import Clock

from display.kivy_window import open_window
from kiosk.remote_control import snapshot_of
from kiosk.scanned_keys import ScannedKeys
from kiosk.screens.display_list import DisplayList
from kiosk.screens.draw_page import draw_page
from kiosk.screens.painter import Painter
from kiosk.settings import KioskSettings
from kiosk.state import events as e
from kiosk.state.kiosk_state import KioskState, reset, warning
from kiosk.state.reducer import advance
from kiosk.workers.kiosk_workers import KioskWorkers
from protocol.requests import IssueTicket
from runtime.site_zone import warn_of_other_zone
from runtime.systemd_notify import ALIVE_S, notify_alive, notify_ready

_TICK_S = 0.25
"""Interval of the clock's ticks, seconds."""


class KioskApp:
    """Runs on Kivy's thread; only ``report`` may be called from others."""

    def __init__(self, settings: KioskSettings) -> None:
        self._public_url = settings.ticket_pages
        self._zone_in_file = settings.time_zone
        self._inbox: queue.SimpleQueue[e.News] = queue.SimpleQueue()
        self._read_inbox = Clock.create_trigger(self._drain_inbox)
        self._state = KioskState(
            boot=f"{settings.hub.device[:30]}:{secrets.token_hex(6)}",
            timeouts=settings.patience.timeouts,
        )
        self._shown: tuple[KioskState, int | None] | None = None
        self._painter = Painter(on_choice=self._apply, on_format=lambda _: self._paint(force=True))
        self._display_list = self._draw()
        self._keys = ScannedKeys()
        self._workers = KioskWorkers(settings, report=self.report)

    def run(self) -> None:
        """Show the kiosk until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        open_window().bind(on_key_down=self._press_key)
        Clock.schedule_interval(lambda _: self._apply(e.Tick()), _TICK_S)
        self._paint(force=True)
        self._workers.start()
        Clock.schedule_once(lambda _: notify_ready())
        Clock.schedule_interval(lambda _: notify_alive(), ALIVE_S)
        try:
            runTouchApp(self._painter)
        finally:
            self._workers.stop()

    def report(self, news: e.News) -> None:
        """Take a worker's news, from any thread; it is applied on Kivy's."""
        self._inbox.put(news)
        self._read_inbox()

    def reset(self, error: BaseException) -> None:  # noqa: ARG002 - the window's guard has logged it
        """Return to the welcome page after an error in a callback."""
        if isinstance(self._state.request, IssueTicket):
            self._execute(e.CancelUnclaimed(request=self._state.request))
        self._state = reset(self._state)
        self._paint(force=True)

    def snapshot(self) -> dict[str, Any]:
        """Return what is on the screen, for the remote control."""
        countdown = self._shown[1] if self._shown else None
        scale = self._painter.screen.scale
        return snapshot_of(self._state, self._display_list, warning=countdown, scale=scale, at=time.monotonic())

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's arguments
        Clock.schedule_once(lambda _: stopTouchApp())

    def _press_key(self, _window: object, key: int, _scancode: int, _text: str, modifiers: list[str]) -> bool:
        """Take a key of the scanner; a kiosk has no other keyboard."""
        code = self._keys.press(key, modifiers, at=time.monotonic())
        if code is not None:
            self._apply(e.CodeScanned(code=code))
        return True

    def _drain_inbox(self, _: float) -> None:
        while not self._inbox.empty():
            news = self._inbox.get()
            if isinstance(news, e.MenuReceived):
                warn_of_other_zone(self._zone_in_file, of_site=news.menu.time_zone)
            self._apply(news)

    def _apply(self, event: e.KioskEvent) -> None:
        self._state, effects = advance(self._state, event, at=time.monotonic())
        for effect in effects:
            self._execute(effect)
        self._paint(force=False)

    def _execute(self, effect: e.Effect) -> None:
        match effect:
            case e.SubmitRequest(request=request):
                self._workers.hub_link.submit(request)
            case e.FindOffer(request=request):
                self._workers.hub_link.find_offer(request)
            case e.CancelUnclaimed(request=request):
                self._workers.cancellations.cancel(request)
            case e.Print(printout=printout):
                self._workers.print_queue.enqueue(printout)

    def _paint(self, *, force: bool) -> None:
        """Draw the page when something on it may have changed; the times in the state are not on it."""
        untimed = replace(self._state, touched_at=0.0, changed_at=0.0, typed_at=0.0)
        shown = untimed, warning(self._state, at=time.monotonic())
        if force or shown != self._shown:
            self._shown = shown
            self._display_list = self._draw()
            self._painter.show(self._display_list)

    def _draw(self) -> DisplayList:
        return draw_page(self._state, self._painter.screen, at=time.monotonic(), public_url=self._public_url)
