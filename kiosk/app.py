"""One kiosk: the flow's state, the window that shows it and the workers that do what it asks."""

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
from kiosk.effects import Ask, AskForOffer, Effect, PrintReferral, PrintTicket, Withdraw
from kiosk.events import Event, Scanned, Tick
from kiosk.flow import advance
from kiosk.scanned_keys import ScannedKeys
from kiosk.screens.pages import draw
from kiosk.screens.painter import Painter
from kiosk.screens.scene import Scene
from kiosk.settings import KioskSettings
from kiosk.snapshot import snapshot
from kiosk.state import Flow, fresh, warning
from kiosk.workers import Workers
from protocol.requests import IssueTicket

_TICK_S = 0.25


class KioskApp:
    """Lives on Kivy's thread; only ``tell`` may be called from others."""

    def __init__(self, settings: KioskSettings) -> None:
        self._public_url = settings.ticket_pages
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._read_inbox = Clock.create_trigger(self._drain)
        self._flow = Flow(
            boot=f"{settings.hub.device[:30]}:{secrets.token_hex(6)}",
            timing=settings.patience.timing,
            time_zone=settings.time_zone,
        )
        self._shown: tuple[Flow, int | None] | None = None
        self._painter = Painter(on_choice=self._happened, on_format=lambda _: self._paint(anew=True))
        self._scene = self._draw()
        self._keys = ScannedKeys()
        self._workers = Workers(settings, tell=self.tell)

    def run(self) -> None:
        """Show the kiosk until the process is asked to end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        open_window().bind(on_key_down=self._key)
        Clock.schedule_interval(lambda _: self._happened(Tick()), _TICK_S)
        self._paint(anew=True)
        self._workers.start()
        try:
            runTouchApp(self._painter)
        finally:
            self._workers.stop()

    def tell(self, event: Event) -> None:
        """Take news from a worker; from any thread."""
        self._inbox.put(event)
        self._read_inbox()

    def begin_anew(self, error: BaseException) -> None:  # noqa: ARG002 - the window's guard has logged it
        """Go back to welcome after an error in a callback."""
        if isinstance(self._flow.request, IssueTicket):
            self._carry_out(Withdraw(command=self._flow.request))
        self._flow = fresh(self._flow)
        self._paint(anew=True)

    def state(self) -> dict[str, Any]:
        """Return what is on the screen, for the remote control."""
        countdown = self._shown[1] if self._shown else None
        scale = self._painter.form.scale
        return snapshot(self._flow, self._scene, warning=countdown, scale=scale, at=time.monotonic())

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's arguments
        Clock.schedule_once(lambda _: stopTouchApp())

    def _key(self, _window: object, key: int, _scancode: int, _text: str, modifiers: list[str]) -> bool:
        """Hear the keys of a scanner; nobody else has any at a kiosk."""
        scanned = self._keys.press(key, modifiers, at=time.monotonic())
        if scanned is not None:
            self._happened(Scanned(code=scanned))
        return True

    def _drain(self, _: float) -> None:
        while not self._inbox.empty():
            self._happened(self._inbox.get())

    def _happened(self, event: Event) -> None:
        self._flow, effects = advance(self._flow, event, at=time.monotonic())
        for effect in effects:
            self._carry_out(effect)
        self._paint(anew=False)

    def _carry_out(self, effect: Effect) -> None:
        """Hand to the workers what the flow asks of them."""
        match effect:
            case Ask(command=command):
                self._workers.hub_link.ask(command)
            case AskForOffer(command=question):
                self._workers.hub_link.ask_for_offer(question)
            case Withdraw(command=command):
                self._workers.withdrawals.withdraw(command)
            case PrintTicket() | PrintReferral():
                self._workers.print_desk.order(effect)

    def _paint(self, *, anew: bool) -> None:
        """Draw the page when something on it may have changed."""
        still = replace(self._flow, touched_at=0.0, changed_at=0.0, typed_at=0.0)
        shown = still, warning(self._flow, at=time.monotonic())
        if anew or shown != self._shown:
            self._shown = shown
            self._scene = self._draw()
            self._painter.show(self._scene)

    def _draw(self) -> Scene:
        return draw(self._flow, self._painter.form, at=time.monotonic(), public_url=self._public_url)
