"""The hub's answers over HTTP. Readers ignore unknown fields."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from protocol.retained_messages import MachineState
from protocol.vocabulary import (
    USUAL_TIME_ZONE,
    DeviceKind,
    Identifier,
    Language,
    PaperState,
    Presence,
    PrintOutcome,
    Promise,
    ReferralId,
    ServiceId,
    SiteId,
    Slug,
    Text,
    TicketId,
    TicketState,
    WindowId,
    WindowState,
    Wire,
    ZoneName,
)


class PrintJob(Wire):
    """One attempt to put a ticket on paper."""

    job: str
    ticket: str
    device: str
    reprint: bool
    outcome: PrintOutcome
    reason: str = ""


class TicketAnswer(Wire):
    """The state of a ticket."""

    id: TicketId = Field(examples=["b3T5xY0q9LmZ2w1k"])
    number: str = Field(description="what is printed and called", examples=["A017"])
    service: Slug[ServiceId]
    state: TicketState
    business_day: date
    language: Language
    priority: Identifier | None = None
    issued_at: datetime
    called_at: datetime | None = None
    assumed: bool = Field(
        default=False,
        description="finished or no_show follows from the clerk's next press, nobody recorded it; absent when false",
        exclude_if=lambda assumed: not assumed,
    )
    window: Slug[WindowId] | None = None
    window_label: str | None = Field(default=None, description="what is written over the window", examples=["3"])
    people_ahead: int | None = Field(
        default=None, description="those who wait and will be called before this one; null while unknown"
    )
    promise: Promise | None = None
    page: str = Field(description="address of the ticket's page, unguessable", examples=["/t/b3T5xY0q9LmZ2w1k"])
    referred: ReferralAnswer | None = Field(default=None, description="where a referred ticket went")
    print_job: PrintJob | None = Field(default=None, description="the last print job, for kiosks")
    seq: int = Field(description="journal number the answer is true at")


class OtherSite(Wire):
    """Another site and the way there, for a visitor."""

    site: Slug[SiteId]
    name: Text
    address: Text
    directions: Text = Text(zh="", en="")
    travel_min: int = Field(description="minutes of travel from here")
    time_zone: ZoneName = Field(default=USUAL_TIME_ZONE, description="its zone, for times there; absent when usual")
    url: str = Field(
        default="",
        max_length=200,
        exclude_if=lambda url: not url,
        description="where phones reach the ticket pages of its hub; absent when not known",
    )


class Offer(Wire):
    """Another site where this visitor would be called sooner. Both ranges are waits from now on, in minutes."""

    id: str = Field(examples=["q7Lw2nZsX0aB4cDe"])
    service: Slug[ServiceId]
    here: Promise
    there: Promise = Field(description="from now to the call there, the travel included")
    saving_min: int = Field(description="what the conservative rule promises to save")
    site: OtherSite


class OfferAnswer(Wire):
    """The best offer for this visitor, or none."""

    offer: Offer | None = None


class ReferralAnswer(Wire):
    """A place held at another site: all that is printed on the paper."""

    referral: ReferralId
    site: OtherSite
    area: Text = Field(description="where to wait there")
    ticket: TicketId = Field(description="the ticket's id at the other site; what the QR carries")
    number: str = Field(description="the other site's number", examples=["B031"])
    service: Slug[ServiceId]
    language: Language
    issued_at: datetime
    people_ahead: int
    promise: Promise | None = Field(
        default=None,
        description="from issued_at to the call there, the travel included: as accepted, or the newer one if worse",
    )
    kept_until: datetime = Field(description="check in by then, or the place is given up")
    page: str = Field(description="address of the ticket's page at the other site")
    print_job: PrintJob | None = None


class WindowAnswer(Wire):
    """The state of a window."""

    id: Slug[WindowId]
    label: str
    name: Text
    services: list[Slug[ServiceId]]
    state: WindowState
    ticket: str | None = Field(default=None, description="number of the ticket called to or served at this window")
    ticket_state: TicketState | None = None
    waiting: int = Field(description="waiting tickets this window may call")


class WindowsAnswer(Wire):
    """All windows of a site."""

    seq: int
    as_of: datetime
    windows: list[WindowAnswer]


class Department(Wire):
    """A department that services belong to."""

    id: Identifier
    name: Text


class ServiceAnswer(Wire):
    """A service that tickets are issued for, with its queue and promise now."""

    id: Slug[ServiceId]
    letter: str
    name: Text
    department: Identifier
    materials: list[Text]
    area: Text = Field(description="where to wait, with the floor")
    waiting: int
    people_ahead: int | None = Field(
        default=None, description="for a ticket issued now without priority; null before the first forecast"
    )
    promise: Promise | None = None
    offered: bool = Field(description="an open window serves it now, or one will today")


class PriorityClass(Wire):
    """A protected class with its stated reason."""

    id: Identifier
    name: Text


class ServicesAnswer(Wire):
    """The kiosk's menu: departments in order, services most used first."""

    seq: int
    as_of: datetime
    site: Slug[SiteId]
    name: Text
    time_zone: ZoneName = Field(default=USUAL_TIME_ZONE, description="the site's zone; absent when it is the usual one")
    open: bool = Field(description="tickets are issued now")
    opens_at: str | None = Field(
        default=None, description="next opening while closed: local time HH:MM, MM-DD HH:MM when it is not today"
    )
    hours: Text
    departments: list[Department]
    services: list[ServiceAnswer]
    priorities: list[PriorityClass]
    county: bool = Field(default=False, description="the site belongs to a county: offers are made, visitors sent here")


class DeviceAnswer(Wire):
    """A device of the hall and its last status."""

    id: str
    kind: DeviceKind
    presence: Presence
    paper: PaperState = PaperState.UNKNOWN
    faults: list[Text] = Field(default=[])
    version: str = ""
    as_of: datetime | None = None
    contact_at: datetime | None = Field(default=None, description="its latest HTTP request since the hub was started")
    machine: MachineState | None = Field(default=None, description="the machine that it runs on, as it last reported")
    clock_offset_s: float | None = Field(default=None, description="how far its clock is ahead of the hub's, seconds")
    certificate_until: datetime | None = Field(default=None, description="end of its newest certificate")
    restarts: int = Field(default=0, description="how often it was started again since the hub was started")


class DevicesAnswer(Wire):
    """All devices a site has a key for."""

    devices: list[DeviceAnswer]


class EnrolmentAnswer(Wire):
    """All that a device needs in its hall: who it is, its key and certificate, and where hub and broker are."""

    device: Identifier
    kind: DeviceKind
    site: Slug[SiteId]
    windows: list[Slug[WindowId]] = Field(description="those that a panel is bound to")
    key: str = Field(description="shown once; a new enrolment ends it")
    certificate: str = Field(description="PEM; its common name is the device's")
    authority: str = Field(description="PEM of the certificate that all machines of the site trust")
    devices_port: int
    broker_port: int
    public_url: str = Field(description="how visitors' phones reach the hub")


class CertificateAnswer(Wire):
    """A certificate that has been issued."""

    certificate: str = Field(description="PEM; its common name is the device's")


class ErrorAnswer(Wire):
    """Why a request was refused: a name for programs, a sentence for people."""

    error: str = Field(examples=["nobody_waiting"])
    message: Text
    field: str | None = Field(default=None, description="the field that is wrong, when one is", examples=[None])


class CountyState(StrEnum):
    """State of a site's connection to its county."""

    JOINED = "joined"
    AWAY = "away"
    STOPPED = "stopped"


class CountyConnection(Wire):
    """A site's connection to its county: how far the county has confirmed the journal, and what stopped it."""

    state: CountyState
    seq: int = Field(description="the newest entry the county is known to have")
    away_since: datetime | None = Field(default=None, description="since when the county has not answered")
    refused: ErrorAnswer | None = Field(default=None, description="why nothing is pushed any more: people must act")
    tables_equal: bool | None = Field(default=None, description="whether its tables of this site were the hub's")


class PartState(StrEnum):
    """Whether a part of a server works."""

    OK = "ok"
    FAILED = "failed"


class PartHealth(Wire):
    """Whether one part of a server works, and since when it does or does not."""

    state: PartState
    since: datetime
    cause: str | None = Field(default=None, description="of a failure, for technicians")


class HealthAnswer(Wire):
    """The hub's health."""

    status: str = Field(
        examples=["ok"],
        description="ok; degraded: tickets are issued, but a part fails; failed (HTTP 503): no ticket can be issued",
    )
    version: str
    seq: int
    business_day: date
    clock_trusted: bool
    broker_connected: bool
    county: CountyConnection | None = Field(default=None, description="null at a hub that belongs to no county")
    parts: dict[str, PartHealth] = Field(
        default={}, description="database, disk, forecast, broker, clock, and at a hub of a county: county"
    )
