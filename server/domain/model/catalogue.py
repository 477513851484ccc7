"""Catalogue of a site: its departments, services, windows, hours and rules, from one TOML file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import time
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from protocol.answers import Department, PriorityClass
from protocol.faults import WrongValue
from protocol.settings import Settings, Switch, TimeZone
from protocol.vocabulary import USUAL_TIME_ZONE, Identifier, ServiceId, SiteId, Slug, Text, WindowId

Minutes = Annotated[float, Field(strict=True, gt=0, le=600)]


class Area(Settings):
    """A place to wait, named on ticket and screen: ``A区 1楼``."""

    id: Identifier
    name: Text


class Service(Settings):
    """What a visitor comes for. Its letter begins its numbers and is its own within the site."""

    id: Slug[ServiceId]
    letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")]
    name: Text
    department: Identifier
    area: Identifier
    materials: tuple[Text, ...] = ()
    expected_min: Minutes | None = None
    """Prior mean serving time, minutes; with ``trust_expected`` promises use it before there are measurements."""
    trust_expected: Switch = False
    limit_min: Minutes = 30
    """Target limit of the wait for this service, minutes."""


class Break(Settings):
    """A daily absence of a window's clerk, such as over noon; local time. A visit under way is finished first."""

    begin: time
    end: time

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.begin.tzinfo is not None or self.end.tzinfo is not None:
            raise WrongValue("begin 和 end 是本地时间，不带时区", "begin and end are local times without a zone")
        if self.begin >= self.end:
            raise WrongValue("begin 应早于 end", "begin must be before end")
        return self


class Window(Settings):
    """Where a clerk serves. ``services`` are its own; ``skills`` others its clerk is certified for."""

    id: Slug[WindowId]
    label: str
    name: Text
    area: Identifier
    services: tuple[Slug[ServiceId], ...] = Field(min_length=1)
    skills: tuple[Slug[ServiceId], ...] = ()
    """Services that the window takes too with ``rules.pooled``, or when a manager lets it help."""
    breaks: tuple[Break, ...] = ()
    """Planned absences, which promises take into account."""


MIDNIGHT = time.max
"""The last moment of a day, at which a site closes whose ``close`` is ``24:00``."""


class Hours(Settings):
    """One stretch of opening on some days; ``days`` counts Monday as 1."""

    days: Annotated[tuple[Annotated[int, Field(strict=True, ge=1, le=7)], ...], Field(min_length=1)] = (1, 2, 3, 4, 5)
    open: time
    close: time
    """``24:00``, the end of the day, is ``MIDNIGHT``."""

    @field_validator("close", mode="before")
    @classmethod
    def _end_of_day(cls, close: object) -> object:
        return MIDNIGHT if close in ("24:00", "24:00:00") else close

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.open.tzinfo is not None or self.close.tzinfo is not None:
            raise WrongValue("open 和 close 是本地时间，不带时区", "open and close are local times without a zone")
        if self.open >= self.close:
            raise WrongValue("open 应早于 close", "open must be before close")
        return self


class Rules(Settings):
    """How this site queues."""

    passed_at_most: Annotated[int, Field(strict=True, ge=0, le=1000)] = 20
    """Largest number of later tickets that may pass a waiting one."""
    return_behind: Annotated[int, Field(strict=True, ge=0, le=100)] = 3
    """Number of tickets waiting for the same service behind which a visitor returns who missed the call."""
    returns: Annotated[int, Field(strict=True, ge=0, le=5)] = 1
    """Number of times a ticket may return to the queue after a no-show."""
    call_guard_s: Annotated[float, Field(strict=True, ge=0, le=60)] = 2
    """Time within which a second "call next" at one window is taken for a double press, seconds."""
    no_show_after_s: Annotated[float, Field(strict=True, ge=0, le=600)] = 20
    """Time after the announcement of a call from which the visitor may be marked as absent, seconds; 0: at once."""
    pooled: Switch = False
    """Whether windows take every service they are certified for, their own first."""
    longest_wait_min: Annotated[float, Field(strict=True, gt=0, le=600)] = 120
    """Wait from which a ticket is called before all classes, minutes."""
    travel_grace_min: Annotated[float, Field(strict=True, ge=0, le=120)] = 15
    """Time after the expected arrival for which a referred visitor's place is kept, minutes."""
    thin_below: Annotated[int, Field(strict=True, ge=1, le=1000)] = 20
    """Number of finished visits below which a service's promise is "unknown"."""


class Catalogue(Settings):
    """The description of one site by its technicians."""

    site: Slug[SiteId]
    name: Text
    time_zone: TimeZone = USUAL_TIME_ZONE
    hours: tuple[Hours, ...] = ()
    """Opening hours in local time; none means always open."""
    areas: tuple[Area, ...] = Field(min_length=1)
    departments: tuple[Department, ...] = Field(min_length=1)
    services: tuple[Service, ...] = Field(min_length=1)
    windows: tuple[Window, ...] = Field(min_length=1)
    priorities: tuple[PriorityClass, ...] = ()
    """Protected classes, first comes first: a ticket of the first is called before one of the second."""
    rules: Rules = Rules()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _unique("areas.id", [a.id for a in self.areas])
        _unique("departments.id", [d.id for d in self.departments])
        _unique("services.id", [s.id for s in self.services])
        _unique("services.letter", [s.letter for s in self.services])
        _unique("windows.id", [w.id for w in self.windows])
        _unique("windows.label", [w.label for w in self.windows])
        _unique("priorities.id", [p.id for p in self.priorities])
        for window in self.windows:
            _unique(f"windows[{window.id}].services", [*window.services, *window.skills])
        areas, departments = {a.id for a in self.areas}, {d.id for d in self.departments}
        services = {s.id for s in self.services}
        for service in self.services:
            _known(f"services[{service.id}].department", service.department, departments)
            _known(f"services[{service.id}].area", service.area, areas)
        for window in self.windows:
            _known(f"windows[{window.id}].area", window.area, areas)
            for name in (*window.services, *window.skills):
                _known(f"windows[{window.id}].services", name, services)
        return self

    def unserved(self) -> tuple[ServiceId, ...]:
        """Return the services that no window takes, not even with ``rules.pooled``."""
        taken = {name for window in self.windows for name in (*window.services, *window.skills)}
        return tuple(service.id for service in self.services if service.id not in taken)


def _unique(what: str, values: Sequence[str]) -> None:
    twice = {v for v in values if values.count(v) > 1}
    if twice:
        shown = f"{what}: {', '.join(sorted(twice))}"
        raise WrongValue(f"{shown} 重复", f"{shown} stands twice")


def _known(what: str, value: str, allowed: Collection[str]) -> None:
    if value not in allowed:
        shown, names = f"{what} = {value!r}", ", ".join(sorted(allowed))
        raise WrongValue(f"{shown} 没有定义，已有：{names}", f"{shown} is not described; known: {names}")
