"""A county's day as data: services, sites, demand, travel, acceptance of offers. Times are minutes after opening."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import time
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from protocol.faults import WrongValue
from protocol.settings import Settings, SettingsError, parse_settings, unreadable
from protocol.vocabulary import Text

ScenarioName = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$", max_length=40)]
Minute = Annotated[float, Field(ge=0, le=1440)]
Positive = Annotated[float, Field(gt=0, le=1000)]
Share = Annotated[float, Field(ge=0, le=1)]
Span = tuple[Minute, Minute]
PROFILE_STEP_MIN = 30.0
"""Length of a step of the arrival profile, minutes."""


class ScenarioService(Settings):
    """A service; its serving time is lognormal at a window of speed 1 that is dedicated to it."""

    id: ScenarioName
    mean_min: Positive
    cv: Annotated[float, Field(ge=0, le=5)]
    sla_min: Positive
    """Limit of the wait, minutes."""


class ScenarioWindow(Settings):
    """A window: ``dedicated`` are its own services, ``skills`` all that it is certified for."""

    id: ScenarioName
    dedicated: Annotated[tuple[ScenarioName, ...], Field(min_length=1)]
    skills: tuple[ScenarioName, ...] = ()
    speed: Positive = 1.0
    lunch: Span | None = None
    open: Span


class ScenarioSite(Settings):
    """One site with its own hub."""

    id: ScenarioName
    name: str
    windows: Annotated[tuple[ScenarioWindow, ...], Field(min_length=1)]


class Demand(Settings):
    """Expected tickets of a service at a site, relative to the others; the utilisation scales them all."""

    site: ScenarioName
    service: ScenarioName
    tickets: Annotated[float, Field(ge=0)]


class DayNoise(Settings):
    """Coefficients of variation of the gamma factors (mean 1) on a day's demand."""

    whole_county_cv: Annotated[float, Field(ge=0, le=2)] = 0.0
    site_service_cv: Annotated[float, Field(ge=0, le=2)] = 0.0


class Divert(Settings):
    """Acceptance of offers: a logistic curve of the promised saving, minutes."""

    max_accept: Share
    half_saving_min: float
    saving_scale_min: Positive
    priority_accept_factor: Share
    min_offer_saving_min: Annotated[float, Field(ge=0)]
    extra_no_show: Share


class Disturbance(Settings):
    """A deviation from an ordinary day."""

    kind: Annotated[str, Field(pattern="^(surge|window_closed|slowdown)$")]
    site: str = "*"
    """Site id; ``*`` means every site."""
    services: tuple[ScenarioName, ...] = ()
    """Services concerned; none means all."""
    window: ScenarioName | None = None
    from_min: Annotated[Minute, Field(alias="from")]
    to_min: Annotated[Minute, Field(alias="to")]
    factor: Annotated[float, Field(ge=0, le=20)] = 1.0

    def touches(self, kind: str, *, site: str, at_min: float) -> bool:
        """Whether the disturbance is of this kind and in force at a site and minute."""
        return self.kind == kind and self.site in ("*", site) and self.from_min <= at_min < self.to_min


class Scenario(Settings):
    """One day of a county; the utilisation (rho) and the seed are arguments of a run."""

    name: str
    description: str = ""
    clock_at_zero: time
    close_min: Annotated[float, Field(gt=0, le=1440)]
    services: Annotated[tuple[ScenarioService, ...], Field(min_length=1)]
    sites: Annotated[tuple[ScenarioSite, ...], Field(min_length=1)]
    demand: Annotated[tuple[Demand, ...], Field(min_length=1)]
    arrival_profile_half_hours: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)]
    opening_crowd_share: Share = 0.0
    day_noise: DayNoise = DayNoise()
    priority_share: Share = 0.0
    no_show_share: Share = 0.0
    no_show_cost_min: Annotated[float, Field(ge=0)] = 0.0
    call_overhead_min: Annotated[float, Field(ge=0)] = 0.0
    secondary_skill_slowdown: Positive = 1.0
    travel_min: dict[str, Positive] = Field(default={})
    """Mean minutes between two sites, by their ids joined; without a value nobody is referred between them."""
    travel_cv: Annotated[float, Field(ge=0, le=5)] = 0.0
    divert: Divert | None = None
    """None: nobody accepts an offer."""
    disturbances: tuple[Disturbance, ...] = ()

    @cached_property
    def by_service(self) -> Mapping[str, ScenarioService]:
        """Services by id."""
        return {s.id: s for s in self.services}

    @property
    def opens_min(self) -> float:
        """Minutes from midnight to opening."""
        return self.clock_at_zero.hour * 60 + self.clock_at_zero.minute

    @cached_property
    def travel(self) -> Mapping[tuple[str, str], float]:
        """Mean minutes by (from, to), in both directions."""
        minutes_by_way: dict[tuple[str, str], float] = {}
        for here in self.sites:
            for there in self.sites:
                minutes = self.travel_min.get(here.id + there.id)
                if minutes is not None:
                    minutes_by_way.setdefault((there.id, here.id), minutes)
                    minutes_by_way[here.id, there.id] = minutes
        return minutes_by_way

    @model_validator(mode="before")
    @classmethod
    def _ignore_retired_keys(cls, raw: object) -> object:
        """Accept files with ``phone_share``, which no policy has ever read."""
        return {key: value for key, value in raw.items() if key != "phone_share"} if isinstance(raw, dict) else raw

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        services, sites = {s.id for s in self.services}, {s.id for s in self.sites}
        windows = [w.id for s in self.sites for w in s.windows]
        _once("services.id", [s.id for s in self.services])
        _once("sites.id", [s.id for s in self.sites])
        _once("windows.id", windows)
        for window in (w for s in self.sites for w in s.windows):
            _known(f"windows[{window.id}]", (*window.dedicated, *window.skills), services)
            _forward(f"windows[{window.id}].open", window.open)
            _forward(f"windows[{window.id}].lunch", window.lunch or (0, 1))
        for row in self.demand:
            _known("demand.site", [row.site], sites)
            _known("demand.service", [row.service], services)
            if not self._somebody_serves(row):
                raise WrongValue(
                    f"{row.site}: 没有窗口办理 {row.service}", f"{row.site}: no window serves {row.service}"
                )
        for change in self.disturbances:
            _known("disturbances.site", [change.site], {*sites, "*"})
            _known("disturbances.services", change.services, services)
            _known("disturbances.window", [change.window] if change.window else [], set(windows))
            _forward("disturbances", (change.from_min, change.to_min))
        if self.opens_min + self.close_min >= 24 * 60:
            raise WrongValue("close_min: 应在当天关门", "close_min: must be on the day of clock_at_zero")
        pairs = {a + b for a in sites for b in sites if a != b}
        _known("travel_min", self.travel_min, pairs)
        return self

    def _somebody_serves(self, row: Demand) -> bool:
        return any(row.service in w.dedicated for s in self.sites if s.id == row.site for w in s.windows)


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in a JSON file.

    Raises SettingsError: the file is unreadable or not JSON, or a key is missing, unknown or has an invalid value.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise unreadable(path, error) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(path, Text(zh=f"不是正确的 JSON：{error}", en=f"is not valid JSON: {error}")) from error
    if not isinstance(raw, dict):
        raise SettingsError(path, Text(zh="应为一组设置", en="must be a table of settings"))
    return parse_settings(Scenario, raw, source=str(path))


def _once(what: str, names: list[str]) -> None:
    twice = sorted(a for a, b in pairwise(sorted(names)) if a == b)
    if twice:
        raise WrongValue(f"{what}: {twice[0]} 重复", f"{what}: {twice[0]} stands twice")


def _known(what: str, names: Iterable[str], allowed: set[str]) -> None:
    for name in names:
        if name not in allowed:
            raise WrongValue(f"{what} = {name!r} 没有定义", f"{what} = {name!r} is not described")


def _forward(what: str, span: Span) -> None:
    if span[0] >= span[1]:
        shown = f"{what} = [{span[0]:g}, {span[1]:g}]"
        raise WrongValue(f"{shown} 应由早到晚", f"{shown} must go from earlier to later")
