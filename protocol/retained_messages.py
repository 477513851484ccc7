"""Retained messages over MQTT: each is the whole current state of its topic and replaces the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from protocol.vocabulary import (
    USUAL_TIME_ZONE,
    DeviceKind,
    Identifier,
    Language,
    PaperState,
    Presence,
    Promise,
    ServiceId,
    SiteId,
    Slug,
    Text,
    TicketState,
    WindowId,
    WindowState,
    Wire,
    ZoneName,
)


class RetainedMessage(Wire):
    """Parent of messages made from a journal entry; a reader drops one with an older ``seq`` than the newest."""

    seq: int
    as_of: datetime


class Call(Wire):
    """One called ticket on the hall's board. ``call_seq`` grows with every call and recall."""

    number: str
    window: Slug[WindowId]
    window_label: str
    area: Text
    call_seq: int
    called_at: datetime
    recall: bool = False
    language: Language = Language.ZH
    over: bool = False
    """Whether it calls nobody any more: the visitor came, was marked absent, or left. It is not spoken then."""


class ServiceQueue(Wire):
    """The state of one service's queue, on the board."""

    service: Slug[ServiceId]
    letter: str
    name: Text
    waiting: int
    promise: Promise | None = None


class Board(RetainedMessage):
    """All that a hall screen shows. ``calls`` newest first, long enough that a reader misses none."""

    site: Slug[SiteId]
    name: Text
    calls: list[Call]
    calls_since: int | None = None
    """``call_seq`` from which on no call had to make room: one that is not listed was cancelled. None: not known."""
    waiting: list[ServiceQueue]
    open: bool
    county_away_since: datetime | None = None
    """Time since which the county has not answered a site that belongs to one; None while it does."""


class Sign(RetainedMessage):
    """What the screen and the lamp at one window show."""

    window: Slug[WindowId]
    label: str
    name: Text
    state: WindowState
    ticket: str | None = None
    ticket_state: TicketState | None = None
    in_doubt: str | None = Field(default=None, exclude_if=lambda number: number is None)
    """Number called before whose absence is only assumed: its clerk can confirm it or say that it was served."""
    call_seq: int = 0
    waiting: int = 0
    no_show_in_s: float | None = None
    """Time from ``as_of`` until the called visitor may be marked as absent, seconds; None where no rule forbids it."""


class Queue(RetainedMessage, ServiceQueue):
    """One service's queue: number of waiting tickets, and the promise of a ticket issued now."""


class Notice(RetainedMessage):
    """The notice at the foot of the hall screen; empty when there is none."""

    text: Text


class HubStatus(RetainedMessage):
    """The hub's own presence; republished as a heartbeat."""

    presence: Presence
    boot: str
    version: str
    clock_trusted: bool = True
    time_zone: ZoneName = USUAL_TIME_ZONE
    """The site's zone: every device of the site shows its times in it."""


class AnnouncedCall(Wire):
    """A call or recall that a screen's voice has spoken, ``ago_s`` seconds before the message was sent."""

    call_seq: int
    ago_s: Annotated[float, Field(ge=0, le=3600)]


class MachineState(Wire):
    """The machine that a device runs on; what a machine does not report is None."""

    up_s: Annotated[int, Field(ge=0)]
    """Time since the machine was started, seconds."""
    address: Annotated[str, Field(max_length=45)] = ""
    """IP address from which it reaches the hub; empty when it knows the hub by name alone."""
    disk_free_mb: Annotated[int, Field(ge=0)]
    temperature_c: float | None = None
    """Temperature of its processor, °C."""
    under_voltage: bool | None = None
    """Whether its power supply is too weak now."""


class DeviceStatus(Wire):
    """A device's own status; its will is ``lost`` with the same ``boot``."""

    device: Identifier
    kind: DeviceKind
    presence: Presence
    boot: str
    version: str
    as_of: datetime
    paper: PaperState = PaperState.UNKNOWN
    faults: list[Text] = Field(default=[], max_length=20)
    announced: list[AnnouncedCall] = Field(default=[], max_length=30)
    """What a screen's voice has spoken lately, repeated so that a hub that was away learns of it."""
    machine: MachineState | None = None
    """None from a device of an earlier version, and in a will."""
