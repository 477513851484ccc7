"""The page behind a ticket's QR: a visitor's phone shows the number, who is ahead, and the window when called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape
from types import MappingProxyType
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from protocol.answers import Offer, ReferralAnswer, TicketAnswer
from protocol.vocabulary import Language, Promise, ServiceId, Text, TicketId, TicketState
from server.domain.model.hall import Hall
from server.domain.model.tickets import ENDED
from server.domain.views import referral_views
from server.web.site_service import NotDone, SiteService
from server.web.visitor import referral_blocks
from server.web.visitor.plain_page import both, page, read_form
from server.web.visitor.referral_blocks import block

REFRESH_S = 10

_PLAIN = MappingProxyType(
    {
        TicketState.FINISHED: (
            Text(zh="已办结", en="Finished"),
            Text(zh="您的业务已经办完，谢谢。", en="Your business is done. Thank you."),
        ),
        TicketState.CANCELLED: (
            Text(zh="已取消", en="Cancelled"),
            Text(
                zh="这个号码不再有效。如需办理，请重新取号。",
                en="This number is no longer valid. Please take a new one.",
            ),
        ),
        TicketState.PARKED: (
            Text(zh="已挂起", en="Set aside"),
            Text(zh="您的位置已保留，请咨询工作人员。", en="Your place is kept. Please ask the staff."),
        ),
        TicketState.REFERRED: (
            Text(zh="已转到其他大厅", en="Sent to another hall"),
            Text(zh="请看您的票，或咨询工作人员。", en="Please see your paper, or ask the staff."),
        ),
    }
)

GONE = Text(zh="这个建议已失效。", en="This offer is no longer valid.")

_OLD = (
    Text(zh="号码已过期", en="This number has expired"),
    Text(zh="这是以前某天的号码。如需办理，请重新取号。", en="It is from an earlier day. Please take a new number."),
)


def router(site_of: Callable[[Request], SiteService]) -> APIRouter:
    """Return the route of ticket pages; it needs no key, for the address cannot be guessed."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/t/{ticket}")
    async def show(ticket: TicketId, request: Request) -> HTMLResponse:
        site = site_of(request)
        seen = await site.ticket(ticket) if len(ticket) <= 40 else None
        if seen is None:
            elsewhere = referral_views.of_place(site.hall, ticket)
            return unknown() if elsewhere is None else place_page(elsewhere, hall=site.hall, at=site.now().at)
        offered = await site.offer_while_waiting(ticket) if seen.state is TicketState.WAITING else None
        return ticket_page(seen, hall=site.hall, at=site.now().at, offered=offered)

    @routes.post("/t/{ticket}/refer")
    async def refer(ticket: TicketId, request: Request) -> Response:
        site = site_of(request)
        offer = (await read_form(request)).get("offer", "")
        made = site.hall.offers.get(offer)
        if made is None or made.fact.ticket != ticket:
            return await _not_sent(site, ticket, GONE)
        try:
            await site.refer(offer, request_id=f"page:{offer}")
        except NotDone as refused:
            return await _not_sent(site, ticket, refused.message)
        return _to_ticket(ticket)

    return routes


async def _not_sent(site: SiteService, ticket: TicketId, why: Text) -> Response:
    """Say why a visitor was not sent. Who waits no more was called, or went by another offer, and sees that instead."""
    seen = await site.ticket(ticket) if len(ticket) <= 40 else None
    if seen is not None and seen.state is TicketState.WAITING:
        return back_to(ticket, why, language=seen.language)
    return _to_ticket(ticket)


def _to_ticket(ticket: TicketId) -> RedirectResponse:
    return RedirectResponse(_address(ticket), status_code=303, headers={"Cache-Control": "no-store"})


def _address(ticket: TicketId) -> str:
    return f"/t/{quote(ticket, safe='')}"


def back_to(ticket: TicketId, said: Text, *, language: Language) -> HTMLResponse:
    """Return a page that says why nothing has changed, and goes back to the ticket's by itself."""
    title = Text(zh="您的位置没有变", en="Your place has not changed")
    address = _address(ticket)
    body = (
        block("passed", title, [said], language)
        + f'<p><a href="{address}">{both(Text(zh="回到我的号码", en="Back to my number"), language)}</a></p>'
    )
    return page(body, title=title.in_language(language), language=language, refresh_s=REFRESH_S, then=address)


def place_page(referred: ReferralAnswer, *, hall: Hall, at: datetime) -> HTMLResponse:
    """Return the page of a place at another site, as far as the hall knows that sent the visitor there.

    It loads itself again until the time to check in is over.
    """
    language, kept = referred.language, at < referred.kept_until
    body = (
        f"<h1>{both(referred.site.name, language)}</h1>"
        f'<p class="number">{escape(referred.number)}</p><p>{both(_service(hall, referred.service), language)}</p>'
        f"{referral_blocks.sent(referred, hall, language, kept=kept)}"
        f"{_renewed(hall, at, language) if kept else ''}"
    )
    return page(body, title=referred.number, language=language, refresh_s=REFRESH_S if kept else None)


def unknown() -> HTMLResponse:
    """Return the page of an address that no ticket has."""
    words = Text(
        zh="请再扫一次票上的二维码，或咨询工作人员。", en="Please scan the code on your ticket again, or ask the staff."
    )
    title = Text(zh="没有这张票", en="There is no such ticket")
    body = f"<h1>{both(title, Language.ZH)}</h1><p>{both(words, Language.ZH)}</p>"
    return page(body, title=title.zh, language=Language.ZH, status=404)


def ticket_page(seen: TicketAnswer, *, hall: Hall, at: datetime, offered: Offer | None = None) -> HTMLResponse:
    """Return the page of a ticket as it stands; it loads itself again until the ticket has ended.

    ``offered`` is the other site that is shown to a waiting visitor.
    """
    if seen.referred is not None:
        return place_page(seen.referred, hall=hall, at=at)
    language = seen.language
    name = _service(hall, seen.service)
    living = seen.state not in ENDED and seen.business_day == hall.day
    body = (
        f"<h1>{both(hall.site.catalogue.name, language)}</h1>"
        f'<p class="number">{escape(seen.number)}</p><p>{both(name, language)}</p>'
        f"{_state(seen, hall, living=living)}"
        f"{referral_blocks.offer(offered, seen.id, language) if offered else ''}"
        f"{_renewed(hall, at, language) if living else ''}"
    )
    title = f"{seen.number} {name.in_language(language)}"
    return page(body, title=title, language=language, refresh_s=REFRESH_S if living else None)


def _state(seen: TicketAnswer, hall: Hall, *, living: bool) -> str:
    ticket = hall.tickets.get(seen.id)
    if ticket is not None and ticket.state is TicketState.TRAVELLING:
        return referral_blocks.travelling(ticket, hall, seen.language)
    match seen.state:
        case TicketState.WAITING:
            return block(
                "waiting",
                Text(zh="等候中", en="Waiting"),
                _waiting(seen, hall),
                seen.language,
                big=2 if seen.promise else 1,
            )
        case TicketState.CALLED:
            return _at_window("called", seen, hall, zh="请到 {} 号窗口", en="Please go to window {}")
        case TicketState.SERVING:
            return _at_window("serving", seen, hall, zh="正在 {} 号窗口办理", en="Being served at window {}")
        case TicketState.NO_SHOW:
            return _no_show(seen, hall, living=living)
        case state:
            title, words = _PLAIN.get(state, _OLD)
            return block("ended", title, [words], seen.language)


def _no_show(seen: TicketAnswer, hall: Hall, *, living: bool) -> str:
    title, words = Text(zh="已过号", en="You missed your call"), _missed(seen, hall)
    if not living:
        title, words = _OLD
    elif seen.called_at is None:
        title, words = referral_blocks.NOT_ARRIVED
    return block("passed", title, [words], seen.language)


def _waiting(seen: TicketAnswer, hall: Hall) -> list[Text]:
    ahead = seen.people_ahead or 0
    lines = [
        Text(zh=f"前面 {ahead} 人", en=f"{ahead} ahead of you")
        if ahead
        else Text(zh="下一位就是您", en="You are next"),
        _promise(seen.promise),
    ]
    service = hall.site.services.get(seen.service)
    if service is not None:
        area = hall.site.areas[service.area].name
        lines.append(
            Text(zh=f"请在 {area.zh} 等候，留意大屏和广播", en=f"Please wait in {area.en} and watch the screen")
        )
    return lines


def _promise(promise: Promise | None) -> Text:
    if promise is None:
        return Text(zh="等候时间暂时无法估计", en="The wait cannot be told yet")
    low, high = promise.low_min, promise.high_min
    if low == 0:
        return Text(zh=f"预计 {high} 分钟以内", en=f"Within about {high} minutes")
    return Text(zh=f"预计还要 {low}–{high} 分钟", en=f"About {low}–{high} more minutes")


def _missed(seen: TicketAnswer, hall: Hall) -> Text:
    rules = hall.site.catalogue.rules
    if rules.returns == 0:
        return Text(
            zh=f"叫到 {seen.number} 时您不在窗口。请告诉工作人员或重新取号。",
            en=f"{seen.number} was called and nobody came. Please tell the staff or take a new number.",
        )
    place = rules.return_behind
    return Text(
        zh=f"叫到 {seen.number} 时您不在窗口。请告诉工作人员：回队后排在同类事项的 {place} 人之后。",
        en=f"{seen.number} was called and nobody came. Tell the staff: "
        f"you can come back into the queue, behind {place} others of your service.",
    )


def _at_window(kind: str, seen: TicketAnswer, hall: Hall, *, zh: str, en: str) -> str:
    label = seen.window_label or "?"
    window = hall.site.windows.get(seen.window) if seen.window else None
    where = [hall.site.areas[window.area].name] if window else []
    return block(kind, Text(zh=zh.format(label), en=en.format(label)), where, seen.language, big=1)


def _service(hall: Hall, service: ServiceId) -> Text:
    known = hall.site.services.get(service)
    return known.name if known else Text(zh=service, en=service)


def _renewed(hall: Hall, at: datetime, language: Language) -> str:
    time = f"{at.astimezone(ZoneInfo(hall.site.catalogue.time_zone)):%H:%M:%S}"
    words = Text(
        zh=f"更新于 {time}，每 {REFRESH_S} 秒自动更新", en=f"As of {time}, renews itself every {REFRESH_S} seconds"
    )
    return f'<p class="quiet">{both(words, language)}</p>'
