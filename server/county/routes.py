"""The county's HTTP interface: hubs push journals and poll their view; the county never calls a hub."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Security
from fastapi.responses import PlainTextResponse, Response
from pydantic import Field

from protocol import county as c
from protocol.answers import PartHealth
from protocol.vocabulary import SiteId, Slug, Text, Wire
from server.county.bootstrap import CountyServices
from server.county.intake.push_refusals import ERRORS
from server.county.metrics import exposition
from server.county.settings import MONITOR
from server.http_server.bearer_key import BearerKey
from server.http_server.errors import Denied
from server.http_server.health_report import FAILED, part_of, status_of_parts
from server.http_server.openapi import describe_errors
from server.runtime.version import VERSION
from server.store.faults import StoreFault

LONGEST_WAIT_S = 30.0
"""Maximum duration of a long poll, seconds; its end lets a hub notice a lost connection."""


async def county_of(request: Request) -> CountyServices:
    """Return the running county."""
    county: CountyServices = request.app.state.county
    return county


County = Annotated[CountyServices, Depends(county_of)]


def _site_of(request: Request, key: str) -> SiteId | None:
    county: CountyServices = request.app.state.county
    return county.access.holder_of(key)


key_owner = BearerKey(_site_of, enrol_command="jiaohao-county enrol", owner=Text(zh="站点", en="site"))
KeyOwner = Annotated[SiteId, Security(key_owner)]
"""The site, or ``monitor``, whose key the request carries."""


async def own_site(county: County, owner: KeyOwner, site: Annotated[Slug[SiteId], Path()]) -> SiteId:
    """Return the site of the path, which must be the owner of the key. Raises Denied: unknown_site, forged_site."""
    if site not in county.known_sites.sites:
        raise Denied(status=404, error="unknown_site", zh=f"县平台没有站点 {site}", en=f"the county has no site {site}")
    if site != owner:
        raise Denied(
            status=403, error="forged_site", zh=f"这把密钥不是 {site} 的", en=f"this key is not that of {site}"
        )
    return site


Site = Annotated[SiteId, Depends(own_site)]

router = APIRouter()
SITE = ("unknown_key", "forged_site", "unknown_site", "invalid_field")
STORE = ("disk_full", "store_fault")
TAKING = ("gap", "journal_rewritten", "body_too_large", "clock_impossible", "invalid_entry", "invalid_json")


class CountyHealth(Wire):
    """The county's health."""

    status: str = Field(
        default="ok",
        description="ok; degraded: pushes are taken, but a part fails; failed (HTTP 503): no push can be taken",
    )
    version: str
    sites: int
    heard: int
    """Number of sites whose hub was in contact within the last minute."""
    parts: dict[str, PartHealth] = Field(default={}, description="database, disk, forecast")


HEALTH: dict[int | str, dict[str, Any]] = {503: {"model": CountyHealth, "description": "no push can be taken"}}


@router.post(
    "/v1/sites/{site}/journal",
    response_model=c.PushAccepted,
    responses=describe_errors(ERRORS, *SITE, *TAKING, *STORE, model=c.JournalRefused),
    operation_id="push_journal",
    tags=["hubs"],
)
async def push_journal(county: County, site: Site, push: c.JournalPush) -> c.PushAccepted:
    """Accept the next entries of a site's journal, in order. Idempotent: the same push again changes nothing."""
    return await asyncio.get_running_loop().run_in_executor(county.writers, county.inbox.accept, site, push)


@router.get(
    "/v1/sites/{site}/journal",
    response_model=c.JournalStretch,
    responses=describe_errors(ERRORS, *SITE, "gap", "unreadable", model=c.JournalRefused),
    operation_id="read_journal",
    tags=["hubs"],
)
async def read_journal(
    county: County, site: Site, since: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> c.JournalStretch:
    """Return a stretch of a site's own journal, to restore a hub from."""
    return await asyncio.to_thread(county.inbox.read_stretch, site, since=since)


@router.get(
    "/v1/sites/{site}/view",
    response_model=c.CountyView,
    responses=describe_errors(ERRORS, *SITE, *STORE),
    operation_id="view",
    tags=["hubs"],
)
async def view(
    county: County,
    site: Site,
    mark: Annotated[str, Query(max_length=64)] = "",
    wait_s: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S)] = 0.0,
    seq: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> c.CountyView:
    """Return the site's view (long poll): as soon as its mark is not ``mark``, or after ``wait_s``, or at a stop.

    ``seq`` is how far the county has confirmed the hub's journal; when it has less, the answer comes at once, so that
    the hub pushes again what the database lost.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    if county.known_sites.sites[site].head.seq < seq:  # another process may have taken the push
        await asyncio.to_thread(county.known_sites.refresh)
    while True:
        change = county.view_changes.next_change  # taken before the view, so that no change is missed
        current = county.view(site)
        left = until - loop.time()
        if current.mark != mark or current.seq < seq or left <= 0 or county.view_changes.closed:
            return current
        with suppress(TimeoutError):
            await asyncio.wait_for(change.wait(), timeout=left)


@router.get("/healthz", response_model=CountyHealth, responses=HEALTH, operation_id="health", tags=["county"])
async def health(county: County, response: Response) -> CountyHealth:
    """Return whether the county can do its work: 503 while it can take no push. Needs no key."""
    ages = [county.known_sites.age_s(site) for site in county.known_sites.sites]
    in_contact = sum(age is not None and age <= c.PLAN_VALID_S for age in ages)
    county.disk.check()
    parts = {
        "database": _database_part(county),
        "disk": part_of(county.disk.fault),
        "forecast": part_of(county.forecaster.fault),
    }
    status = status_of_parts(parts, vital={"database"})
    if status == FAILED:
        response.status_code = 503
    return CountyHealth(status=status, version=VERSION, sites=len(ages), heard=in_contact, parts=parts)


def _database_part(county: CountyServices) -> PartHealth:
    """Return the health of the database: of the last push, of the last reading, and of its file."""
    taking = county.inbox.fault
    try:
        county.store.file.check()
    except StoreFault as fault:
        taking.began(fault)
    return part_of(county.reading if county.reading.cause else taking)


METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}},
    **describe_errors(ERRORS, "unknown_key", "not_allowed"),
}


@router.get("/metrics", response_class=Response, responses=METRICS, operation_id="metrics", tags=["county"])
async def metrics(county: County, owner: KeyOwner) -> PlainTextResponse:
    """Return metrics in Prometheus' text format; with the key of ``monitor``."""
    if owner != MONITOR:
        raise Denied(status=403, error="not_allowed", zh="请使用 monitor 的密钥", en="this needs the key of monitor")
    return PlainTextResponse(exposition(county.known_sites), media_type="text/plain; version=0.0.4")


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, owner: KeyOwner) -> dict[str, Any]:  # noqa: ARG001 - the guard
    """Return this OpenAPI document."""
    description: dict[str, Any] = request.app.openapi()
    return description
