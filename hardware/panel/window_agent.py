"""The process at a clerk's window: keys in, one request each to the hub, the hub's truth on the lamp.

``jiaohao-window --settings window.toml [--twin]``

One thread decides: it sleeps on one queue that edges, signs, heartbeats and outcomes are put into, and wakes by itself
only when a key settles, the lamp changes or a heartbeat is due. At most one press is with the hub at any time; a press
meanwhile, or while the hub is away, is not taken and the lamp shows it at once, so that nothing can happen late.
"""

from __future__ import annotations

import argparse
import logging
import queue
import signal
import sys
import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from hardware.hardware_fault import HardwareFault
from hardware.panel.buttons import Debouncer, Edge, PanelKey, Press
from hardware.panel.lamp import LampScript, LampState, Light
from hardware.panel.panel import Panel, pi_panel, twin_panel
from hardware.panel.panel_state import LONG_KEYS, PanelState, action_for
from hardware.panel.window_request import PressOutcome, request_action
from hardware.panel.window_settings import WindowSettings
from protocol import topics
from protocol.clients.hub_client import new_request_id
from protocol.clients.mqtt_client import MqttClient
from protocol.retained_messages import HubStatus, Sign
from protocol.settings import load_settings
from protocol.vocabulary import DeviceKind, Text, WindowAction
from runtime.device_presence import HEARTBEAT_S, DevicePresence
from runtime.hall_connections import broker_client, hub_client
from runtime.run_command import add_check_option, add_settings_option, command_parser, report_sound, run_command
from runtime.systemd_notify import notify_alive, notify_ready
from runtime.worker import Worker

log = logging.getLogger(__name__)

HUB_AWAY = Text(
    zh="窗口联系不上站点服务器，按键暂时无效；请检查网线和服务器",
    en="The window cannot reach the hub and its keys do nothing; check the network cable and the hub",
)


class BrokerLink(NamedTuple):
    """The connection to the broker was made or lost."""

    connected: bool


class WindowSign(NamedTuple):
    """The window's sign came in; ``replayed`` when the broker had retained it."""

    sign: Sign
    replayed: bool


class HubHeartbeat(NamedTuple):
    """The hub's status came in; ``replayed`` when the broker had retained it."""

    status: HubStatus
    replayed: bool


class Stop(Enum):
    """The process is to end."""

    NOW = "now"


AgentEvent = Edge | WindowSign | HubHeartbeat | BrokerLink | PressOutcome | Stop


class WindowAgent:
    """One panel. ``run`` returns after Stop was put into ``events``.

    ``request`` carries an action to the hub and returns how it went; it may take seconds and runs
    on a thread of its own. ``publish_faults`` publishes what is wrong with this panel; it is called on each change and
    at least every HEARTBEAT_S.
    """

    def __init__(
        self,
        *,
        events: queue.SimpleQueue[AgentEvent],
        panel: Panel,
        request: Callable[[WindowAction], PressOutcome],
        publish_faults: Callable[[tuple[Text, ...]], None],
    ) -> None:
        now = time.monotonic()
        self._events = events
        self._panel = panel
        self._debouncers = {key: Debouncer(long_press=key in LONG_KEYS) for key in panel.buttons}
        self._request = request
        self._requests: Worker[WindowAction] = Worker("window requests", self._carry_out)
        self._request_open = False
        self._publish_faults = publish_faults
        self._state = PanelState()
        self._lamp_script = LampScript(LampState.FAULT, at=now)
        self._light: Light | None = None
        self._published: tuple[Text, ...] | None = None
        self._publish_due = now
        self._refresh(now)

    def run(self) -> None:
        """Serve the panel until Stop."""
        self._requests.start()
        while (event := self._next_event()) is not Stop.NOW:
            now = time.monotonic()
            if event is not None:
                self._apply(event, at=now)
            self._read_due_keys(now)
            self._refresh(now)
        self._requests.stop(within_s=0.0, discard=True)

    def _next_event(self) -> AgentEvent | None:
        """Sleep until something happens; None when only time has passed."""
        now = time.monotonic()
        due = [self._publish_due, self._lamp_script.next_change(at=now), *(d.due for d in self._debouncers.values())]
        if not self._state.is_hub_away(at=now):
            due.append(self._state.stale_at)
        if self._state.no_show_at is not None and self._state.no_show_at > now:
            due.append(self._state.no_show_at)
        try:
            return self._events.get(timeout=max(0.0, min(at for at in due if at is not None) - now))
        except queue.Empty:
            return None

    def _apply(self, event: AgentEvent, *, at: float) -> None:
        match event:
            case Edge(key=key, pressed=pressed, at=edge_at):
                self._act_on(key, self._debouncers[key].take_edge(pressed=pressed, at=edge_at), at=at)
            case WindowSign(sign=sign, replayed=replayed):
                self._state.receive_sign(sign, replayed=replayed, at=at)
            case HubHeartbeat(status=status, replayed=replayed):
                self._state.receive_status(status, replayed=replayed, at=at)
            case BrokerLink(connected=connected):
                self._state.set_broker(connected=connected)
            case PressOutcome():
                self._show_outcome(event, at=at)

    def _read_due_keys(self, at: float) -> None:
        for key, debouncer in self._debouncers.items():
            if debouncer.due is not None and debouncer.due <= at:
                press = debouncer.take_level(pressed=self._panel.buttons[key].pressed, at=at)
                self._act_on(key, press, at=at)

    def _act_on(self, key: PanelKey, press: Press | None, *, at: float) -> None:
        """Request from the hub what the press means now, or show at once that it is not taken."""
        if press is None:
            return
        action = self._action_now(key, press, at=at)
        if action is None:
            log.debug("%s press of %s was not taken", press, key)
            self._lamp_script.show_briefly(LampState.NOT_TAKEN, at=at)
            return
        self._request_open = True
        self._requests.put(action)

    def _action_now(self, key: PanelKey, press: Press, *, at: float) -> WindowAction | None:
        """Return the action of a press; None while a request is open, the hub is away, or the key means nothing."""
        sign = self._state.sign
        if sign is None or self._request_open or self._state.is_hub_away(at=at):
            return None
        return action_for(key, press, sign)

    def _carry_out(self, action: WindowAction) -> None:
        """Make one request, on the worker's thread; a defect counts as no answer, so that the panel goes on."""
        outcome = PressOutcome.AWAY
        try:
            outcome = self._request(action)
        finally:
            self._events.put(outcome)

    def _show_outcome(self, outcome: PressOutcome, *, at: float) -> None:
        self._request_open = False
        match outcome:
            case PressOutcome.NOBODY_WAITING:
                self._lamp_script.show_briefly(LampState.NOBODY, at=at)
            case PressOutcome.REFUSED:
                self._lamp_script.show_briefly(LampState.NOT_TAKEN, at=at)
            case PressOutcome.AWAY:
                self._state.note_unanswered_press()
                self._lamp_script.show_briefly(LampState.NOT_TAKEN, at=at)

    def _refresh(self, at: float) -> None:
        """Bring lamp and published status in line with what is true now."""
        self._lamp_script.set_state(self._state.lamp_state(at=at), at=at)
        light = self._lamp_script.light(at=at)
        if light != self._light:
            self._panel.lamp.show(light)
            self._light = light
        faults = (HUB_AWAY,) if self._state.is_hub_away(at=at) else ()
        if faults != self._published or at >= self._publish_due:
            self._publish_faults(faults)
            notify_alive()
            self._published, self._publish_due = faults, at + HEARTBEAT_S


def serve_panel(settings: WindowSettings, *, twin: bool, events: queue.SimpleQueue[AgentEvent]) -> None:
    """Serve one panel until Stop is put into ``events``. Raises NoPins, SocketFault."""
    presence = DevicePresence(
        site=settings.site, device=settings.hub.device, kind=DeviceKind.WINDOW, hub_host=settings.broker.host
    )
    broker = _mqtt_client(settings, presence=presence, events=events)
    hub = hub_client(settings.hub, tls=settings.tls, timeout_s=settings.timeout_s)

    def request(action: WindowAction) -> PressOutcome:
        request_id = new_request_id(settings.hub.device)
        return request_action(hub, window=settings.window, action=action, request_id=request_id)

    with (twin_panel if twin else pi_panel)(settings, on_edge=events.put) as panel:
        agent = WindowAgent(
            events=events,
            panel=panel,
            request=request,
            publish_faults=lambda faults: broker.publish_retained(presence.topic, presence.online(faults=faults)),
        )
        broker.start()
        notify_ready()
        try:
            agent.run()
        finally:
            broker.stop(last=presence.offline())


def _mqtt_client(
    settings: WindowSettings, *, presence: DevicePresence, events: queue.SimpleQueue[AgentEvent]
) -> MqttClient:
    client = broker_client(
        settings.broker,
        device=settings.hub.device,
        key=settings.hub.key,
        presence=presence,
        tls=settings.tls,
        on_presence=lambda connected: events.put(BrokerLink(connected)),
    )
    client.subscribe(
        topics.sign(settings.site, settings.window),
        lambda _, payload, replayed: events.put(WindowSign(Sign.model_validate_json(payload), replayed)),
    )
    client.subscribe(
        topics.hub_status(settings.site),
        lambda _, payload, replayed: events.put(HubHeartbeat(HubStatus.model_validate_json(payload), replayed)),
    )
    return client


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the panel of one window until SIGTERM or Ctrl-C; returns the exit code."""
    parser = command_parser("jiaohao-window", description="窗口按键板 / a clerk's panel")
    add_settings_option(parser)
    add_check_option(parser)
    parser.add_argument("--twin", action="store_true", help="模拟按键板 / a simulated panel instead of GPIO pins")
    return run_command(parser, _run, arguments, failures=(HardwareFault,))


def _run(options: argparse.Namespace) -> int:
    settings = load_settings(WindowSettings, options.settings)
    if options.check:
        hub_client(settings.hub, tls=settings.tls)
        return report_sound(options.settings)
    events: queue.SimpleQueue[AgentEvent] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: events.put(Stop.NOW))  # SimpleQueue.put may run inside a signal
    serve_panel(settings, twin=options.twin, events=events)
    return 0


if __name__ == "__main__":
    sys.exit(main())
