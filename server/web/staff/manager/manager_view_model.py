"""The hall as a manager needs it at this moment: who waits, how long, which windows work, what is broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.answers import CountyConnection, DeviceAnswer
from protocol.journal import Moment
from protocol.text.waits import closing_note, wait_range
from protocol.vocabulary import Promise, ServiceId, Text, TicketState, WindowId
from server.domain.discipline.queue_order import services_of
from server.domain.model.catalogue import Service
from server.domain.model.hall import Hall
from server.web.staff.county_warnings import county_warnings
from server.web.staff.devices.device_faults import DeviceRemark, device_faults, device_notes
from server.web.staff.hall_figures import HallFigures, hall_figures
from server.web.staff.window_lamp import WindowLamp, agreed_text, window_lamp


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowNow:
    """One window's row."""

    label: str
    name: Text
    lamp: WindowLamp
    number: str | None
    minutes: int | None
    """Minutes that the number has been at the window."""
    waiting: int
    agreed: Text | None
    """A change that a manager accepted for it and that is not made yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNow:
    """One service's row."""

    name: Text
    waiting: int
    wait: Text
    """The wait promised to a visitor to whom a ticket is issued now."""
    wait_known: bool
    note: Text | None
    """That such a visitor may not be reached today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceNow:
    """How far the hall's voice is behind the presses."""

    lag_s: int | None
    """The longest time from a press to the end of its announcement in the last ten minutes, or so far, seconds; None
    when nothing was announced and nothing waits."""
    waiting: int
    """Number of calls that wait to be announced."""
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HallNow:
    """The first row of a manager's page."""

    figures: HallFigures
    voice: VoiceNow | None
    """None where no screen has reported an announcement today."""
    windows: tuple[WindowNow, ...]
    services: tuple[ServiceNow, ...]
    faults: tuple[DeviceRemark, ...]
    notes: tuple[DeviceRemark, ...]
    warnings: tuple[Text, ...]


VOICE_PERIOD_S = 600.0
"""Length of the past over which the voice is judged, seconds."""
VOICE_LATE_S = 30.0
"""Lag of the voice from which it is too far behind, seconds."""

_CLOCK = Text(
    zh="站点服务器的时钟不可信：请检查网络对时。取号和叫号不受影响，时间和统计可能不准。",
    en="The hub's clock cannot be trusted: check its time service. Numbers and calls go on, times may be wrong.",
)
_BROKER = Text(
    zh="消息服务中断：大屏和窗口屏暂时收不到更新。请检查 mosquitto 服务。",
    en="The message broker is away: screens hear no news. Please check the mosquitto service.",
)


def hall_view_model(
    hall: Hall,
    devices: list[DeviceAnswer],
    promises: Mapping[ServiceId, Promise | None],
    *,
    at: Moment,
    clock_trusted: bool,
    broker_connected: bool,
    county: CountyConnection | None,
    past_closing: int = 0,
) -> HallNow:
    """Return the hall now. ``promises`` are the waits promised to a ticket issued now, by service.

    ``past_closing`` is the number of those waiting who may not be reached today.
    """
    return HallNow(
        figures=hall_figures(hall, at=at),
        voice=_voice(hall, at=at),
        windows=tuple(_window(hall, w, at=at) for w in hall.site.windows),
        services=tuple(
            _service(s, waiting=len(hall.queues.get(s.id, ())), promise=promises.get(s.id))
            for s in hall.site.catalogue.services
        ),
        faults=device_faults(devices, time_zone=hall.site.catalogue.time_zone),
        notes=device_notes(devices, time_zone=hall.site.catalogue.time_zone),
        warnings=(
            *([] if clock_trusted else [_CLOCK]),
            *([] if broker_connected else [_BROKER]),
            *county_warnings(county, time_zone=hall.site.catalogue.time_zone),
            *([_past_closing(past_closing)] if past_closing else []),
        ),
    )


def _past_closing(count: int) -> Text:
    return Text(
        zh=f"等候的人中，有 {count} 人今天可能办不到：号码已经发出，请调整窗口或告诉他们。",
        en=f"{count} of those waiting may not be reached today: open windows, or tell them.",
    )


def _voice(hall: Hall, *, at: Moment) -> VoiceNow | None:
    if not hall.announcements:
        return None
    due = [t for t in hall.tickets.values() if t.state is TicketState.CALLED and t.announced is None and t.summoned]
    behind_s = [at.since(t.summoned) for t in due if t.summoned]
    lags_s = [a.lag_s for a in hall.announcements if at.since(a.at) < VOICE_PERIOD_S]
    longest_s = max([*behind_s, *lags_s], default=None)
    return VoiceNow(
        lag_s=None if longest_s is None else round(longest_s),
        waiting=len(due),
        is_late=longest_s is not None and longest_s > VOICE_LATE_S,
    )


def _window(hall: Hall, window: WindowId, *, at: Moment) -> WindowNow:
    catalogue_window, now = hall.site.windows[window], hall.window(window)
    at_window = hall.open_ticket(now.ticket)
    since = (
        None if at_window is None else at_window.started if at_window.state is TicketState.SERVING else at_window.called
    )
    return WindowNow(
        label=catalogue_window.label,
        name=catalogue_window.name,
        lamp=window_lamp(hall, window),
        number=at_window.number if at_window else None,
        minutes=int(at.since(since) // 60) if since else None,
        waiting=sum(len(q) for q in hall.queues_of(services_of(hall, window).services)),
        agreed=agreed_text(hall, window),
    )


def _service(service: Service, *, waiting: int, promise: Promise | None) -> ServiceNow:
    return ServiceNow(
        name=service.name,
        waiting=waiting,
        wait=wait_range(promise),
        wait_known=promise is not None,
        note=closing_note(promise),
    )
