"""The process at a clerk's window: keys in, one question each to the hub, the hub's truth on the lamp.

``jiaohao-window --settings window.toml [--twin]``

One thread decides: it sleeps on one queue that edges, signs, heartbeats and answers are put into, and wakes by itself
only when a key settles, the lamp changes or a heartbeat is due. At most one press is with the hub at any time; a press
meanwhile, or while the hub is away, is not taken and says so at once, so that nothing can happen late.
"""

from __future__ import annotations

import logging
import queue
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from hardware.panel.buttons import Debouncer, Edge, PanelKey, Press
from hardware.panel.gpio import NoPins
from hardware.panel.hub_request import Outcome, ask_hub
from hardware.panel.lamp import LampScript, LampState, Light
from hardware.panel.panel import Panel, pi_panel, twin_panel
from hardware.panel.panel_state import PanelState, action
from hardware.panel.twin_control import ControlFault
from hardware.panel.window_settings import WindowSettings
from protocol import topics
from protocol.hub_client import HubClient, new_request_id
from protocol.mqtt_client import MqttClient
from protocol.retained_messages import HubStatus, Sign
from protocol.settings import SettingsError, load_settings
from protocol.vocabulary import DeviceKind, Text
from runtime.device_presence import HEARTBEAT_S, DevicePresence

log = logging.getLogger(__name__)

HUB_AWAY = Text(
    zh="窗口联系不上站点服务器，按键暂时无效；请检查网线和服务器",
    en="The window cannot reach the hub and its keys do nothing; check the network cable and the hub",
)


class BrokerLink(NamedTuple):
    """The connection to the broker came or went."""

    present: bool


class Heartbeat(NamedTuple):
    """The hub said that it is there; ``replayed`` when the broker had kept it."""

    status: HubStatus
    replayed: bool


class Stop(Enum):
    """The process was asked to end."""

    NOW = "now"


AgentEvent = Edge | Sign | Heartbeat | BrokerLink | Outcome | Stop


class WindowAgent:
    """One panel. ``run`` returns after Stop was put into ``events``.

    ``ask`` carries a command such as "call-next" to the hub and returns how it went; it may take seconds and runs on a
    thread of its own. ``report`` tells the hall what is wrong with this panel; it is called at least every HEARTBEAT_S.
    """

    def __init__(
        self,
        *,
        events: queue.SimpleQueue[AgentEvent],
        panel: Panel,
        ask: Callable[[str], Outcome],
        report: Callable[[tuple[Text, ...]], None],
    ) -> None:
        now = time.monotonic()
        self._events = events
        self._panel = panel
        self._keys = {key: Debouncer(long_press=key is PanelKey.CALL) for key in panel.buttons}
        self._ask = ask
        self._report = report
        self._truth = PanelState()
        self._script = LampScript(LampState.FAULT, at=now)
        self._asking = False
        self._lit: Light | None = None
        self._reported: tuple[Text, ...] | None = None
        self._report_due = now
        self._catch_up(now)

    def run(self) -> None:
        """Serve the panel until told to stop."""
        while (event := self._next_event()) is not Stop.NOW:
            now = time.monotonic()
            if event is not None:
                self._take(event, at=now)
            self._read_due_keys(now)
            self._catch_up(now)

    def _next_event(self) -> AgentEvent | None:
        """Sleep until something happens; None when only time has passed."""
        now = time.monotonic()
        dues = [self._report_due, self._script.due(at=now), *(key.due for key in self._keys.values())]
        if not self._truth.away(at=now):
            dues.append(self._truth.stale_at)
        try:
            return self._events.get(timeout=max(0.0, min(due for due in dues if due is not None) - now))
        except queue.Empty:
            return None

    def _take(self, event: AgentEvent, *, at: float) -> None:
        match event:
            case Edge(key=key, pressed=pressed, at=when):
                self._pressed(key, self._keys[key].edge(pressed=pressed, at=when), at=at)
            case Sign():
                self._truth.hear_sign(event)
            case Heartbeat(status=status, replayed=replayed):
                self._truth.hear_status(status, replayed=replayed, at=at)
            case BrokerLink(present=present):
                self._truth.hear_broker(present=present)
            case Outcome():
                self._answered(event, at=at)

    def _read_due_keys(self, at: float) -> None:
        for key, debouncer in self._keys.items():
            if debouncer.due is not None and debouncer.due <= at:
                self._pressed(key, debouncer.read(pressed=self._panel.buttons[key].pressed, at=at), at=at)

    def _pressed(self, key: PanelKey, press: Press | None, *, at: float) -> None:
        """Ask the hub for what the press means now, or say at once that it is not taken."""
        if press is None:
            return
        sign = self._truth.sign
        command = None if sign is None or self._asking or self._truth.away(at=at) else action(key, press, sign)
        if command is None:
            log.info("%s press of %s was not taken", press, key)
            self._script.answer(LampState.NOT_TAKEN, at=at)
            return
        self._asking = True
        threading.Thread(target=self._carry, args=(command,), name=command, daemon=True).start()

    def _carry(self, command: str) -> None:
        outcome = Outcome.AWAY
        try:
            outcome = self._ask(command)
        finally:
            self._events.put(outcome)

    def _answered(self, outcome: Outcome, *, at: float) -> None:
        self._asking = False
        match outcome:
            case Outcome.NOBODY_WAITING:
                self._script.answer(LampState.NOBODY, at=at)
            case Outcome.REFUSED:
                self._script.answer(LampState.NOT_TAKEN, at=at)
            case Outcome.AWAY:
                self._truth.asked_in_vain()
                self._script.answer(LampState.NOT_TAKEN, at=at)

    def _catch_up(self, at: float) -> None:
        """Let lamp and status say what is true now."""
        self._script.stay(self._truth.lamp(at=at), at=at)
        light = self._script.light(at=at)
        if light != self._lit:
            self._panel.lamp.show(light)
            self._lit = light
        faults = (HUB_AWAY,) if self._truth.away(at=at) else ()
        if faults != self._reported or at >= self._report_due:
            self._report(faults)
            self._reported, self._report_due = faults, at + HEARTBEAT_S


def serve(settings: WindowSettings, *, twin: bool, events: queue.SimpleQueue[AgentEvent]) -> None:
    """Serve one panel until Stop is put into ``events``. Raises NoPins, ControlFault."""
    presence = DevicePresence(site=settings.site, device=settings.hub.device, kind=DeviceKind.WINDOW)
    broker = _broker(settings, presence=presence, events=events)
    hub = HubClient(settings.hub, timeout_s=settings.timeout_s)
    with (twin_panel if twin else pi_panel)(settings, on_edge=events.put) as panel:
        agent = WindowAgent(
            events=events,
            panel=panel,
            ask=lambda command: ask_hub(
                hub, window=settings.window, action=command, request_id=new_request_id(settings.hub.device)
            ),
            report=lambda faults: broker.publish_retained(presence.topic, presence.online(faults=faults)),
        )
        broker.start()
        try:
            agent.run()
        finally:
            broker.stop(last=presence.offline())


def _broker(settings: WindowSettings, *, presence: DevicePresence, events: queue.SimpleQueue[AgentEvent]) -> MqttClient:
    broker = MqttClient(
        settings.broker,
        client_id=settings.hub.device,
        username=settings.hub.device,
        password=settings.hub.key.get_secret_value(),
        will=presence.lost(),
        on_presence=lambda present: events.put(BrokerLink(present)),
    )
    broker.subscribe(
        topics.sign(settings.site, settings.window),
        lambda _, payload, __: events.put(Sign.model_validate_json(payload)),
    )
    broker.subscribe(
        topics.hub_status(settings.site),
        lambda _, payload, replayed: events.put(Heartbeat(HubStatus.model_validate_json(payload), replayed)),
    )
    return broker


def main(arguments: list[str] | None = None) -> None:
    """Run the panel of one window until SIGTERM or Ctrl-C."""
    parser = ArgumentParser(prog="jiaohao-window", description="窗口按键板 / a clerk's panel")
    parser.add_argument("--settings", type=Path, required=True, help="window.toml")
    parser.add_argument("--twin", action="store_true", help="模拟按键板 / a simulated panel instead of GPIO pins")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    events: queue.SimpleQueue[AgentEvent] = queue.SimpleQueue()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: events.put(Stop.NOW))
    try:
        serve(load_settings(WindowSettings, options.settings), twin=options.twin, events=events)
    except (SettingsError, NoPins, ControlFault) as error:
        print(f"jiaohao-window: {error}", file=sys.stderr)  # noqa: T201 - one sentence for the technician
        raise SystemExit(2) from error
