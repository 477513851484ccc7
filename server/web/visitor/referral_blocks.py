"""What a ticket's page says of other sites: an offer while waiting, where to go, and how to check in there."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from protocol.answers import Offer, OtherSite, ReferralAnswer
from protocol.vocabulary import Language, Promise, Text, TicketId
from server.domain.model.hall import Hall
from server.domain.model.tickets import Ticket
from server.domain.referrals import referral_destination
from server.web.visitor.plain_page import both

GOES_THERE = Text(zh="请去这里", en="Please go here")
CHECK_IN = Text(
    zh="到了以后请先报到：在取号机上扫描票上的二维码，或输入号码，也可以找工作人员。",
    en="Check in when you arrive: scan your paper at the kiosk, type your number there, or ask the staff.",
)

ENDS_BY_ITSELF = Text(
    zh="不去了？什么也不用做：到时没有报到，那边的位置自动取消。想在这里办，请重新取号。",
    en="Changed your mind? Nothing to do: if you have not checked in by then, the place there ends by itself. "
    "To be served here after all, please take a new number.",
)
TIME_OVER = Text(zh="报到时间已过", en="The time to check in is over")
IF_CHECKED_IN = Text(
    zh="报到过了？请看那里的大屏、听广播。没有报到？请到那里的取号机报到，或告诉那里的工作人员。想在这里办，请重新取号。",
    en="Checked in? Watch the screen there and listen. Not yet? Check in at the kiosk there, or tell its staff. "
    "To be served here after all, please take a new number.",
)
NOT_COMING = Text(
    zh="不来了？到时没有报到，位置自动取消。",
    en="Not coming? If you have not checked in by then, your place ends by itself.",
)
WITHDRAW = Text(zh="不来了，现在就取消", en="I am not coming: withdraw now")

NOT_ARRIVED = (
    Text(zh="位置已不保留", en="Your place is no longer kept"),
    Text(
        zh="您没有在保留的时间内报到。请到取号机报到或告诉工作人员：可以按过号回队的规则排队。",
        en="You did not check in while your place was kept. Check in at the kiosk or tell the staff: "
        "you can come back into the queue by the rule for missed calls.",
    ),
)


def block(kind: str, title: Text, lines: list[Text], language: Language, *, big: int = 0, more: str = "") -> str:
    """Return a state as a box: its name, then lines of which the first ``big`` are large; ``more`` is HTML."""
    said = "".join(
        f'<p class="{"big" if place < big else "line"}">{both(line, language)}</p>' for place, line in enumerate(lines)
    )
    return f'<div class="state {kind}" role="status"><h2>{both(title, language)}</h2>{said}{more}</div>'


def offer(offered: Offer, ticket: TicketId, language: Language) -> str:
    """Return the better site beside this one, and the one button that asks for a place there."""
    where = offered.site
    waits = (
        f'<div class="two"><p>{both(Text(zh="留在这里", en="Stay here"), language)}'
        f"<b>{both(_range(offered.here), language)}</b></p>"
        f"<p>{both(where.name, language)}<b>{both(_range(offered.there), language)}</b></p></div>"
    )
    travel = Text(
        zh=f"已算上路上约 {where.travel_min} 分钟", en=f"The way of about {where.travel_min} minutes is included"
    )
    kept = Text(
        zh="那里给您号码以前，您在这里的位置一直保留。",
        en="Your place here is kept until that hall has given you a number.",
    )
    button = Text(zh=f"改去{where.name.zh}", en=f"Go to {where.name.en}")
    form = (
        f'<form method="post" action="/t/{escape(ticket)}/refer"><input type="hidden" name="offer" '
        f'value="{escape(offered.id)}"><button type="submit">{both(button, language)}</button></form>'
    )
    lines = "".join(f'<p class="line">{both(line, language)}</p>' for line in (travel, *_way(where), kept))
    return block("offer", Text(zh="另一处更快", en="Sooner at another hall"), [], language, more=waits + lines + form)


def sent(referred: ReferralAnswer, hall: Hall, language: Language, *, kept: bool) -> str:
    """Return where a visitor goes whose place another site has taken over; this hall does not hear what came of it.

    ``kept`` says whether there is time yet to check in.
    """
    where = [
        referred.site.name,
        Text(zh=f"{referred.number} 是您在那里的号码", en=f"{referred.number} is your number there"),
        *_way(referred.site),
        Text(zh=f"等候区：{referred.area.zh}", en=f"Wait in {referred.area.en}"),
    ]
    if not kept:
        return block("passed", TIME_OVER, [*where, IF_CHECKED_IN], language, big=1)
    lines = [*where, _kept(referred.kept_until, hall), CHECK_IN, ENDS_BY_ITSELF]
    return block("called", GOES_THERE, lines, language, big=1)


def travelling(ticket: Ticket, hall: Hall, language: Language) -> str:
    """Return what this hall tells a visitor who is on the way to it, and the way to withdraw once the place is its."""
    until = ticket.issued.at + timedelta(minutes=referral_destination.kept_min(hall, travel_min=ticket.travel_min))
    withdraw = key(f"/t/{ticket.id}/withdraw", WITHDRAW, language) if ticket.confirmed else ""
    lines = [_kept(until, hall), CHECK_IN, NOT_COMING]
    return block("waiting", Text(zh="在途", en="On the way"), lines, language, more=withdraw)


def key(address: str, words: Text, language: Language) -> str:
    """Return a link as large as a button."""
    return f'<a class="key" href="{escape(address)}">{both(words, language)}</a>'


def _range(promise: Promise) -> Text:
    if promise.low_min == 0:
        return Text(zh=f"{promise.high_min} 分钟以内", en=f"within {promise.high_min} min")
    return Text(zh=f"{promise.low_min}–{promise.high_min} 分钟", en=f"{promise.low_min}–{promise.high_min} min")


def _way(where: OtherSite) -> list[Text]:
    return [where.address, *([where.directions] if where.directions.zh or where.directions.en else [])]


def _kept(until: datetime, hall: Hall) -> Text:
    time = f"{until.astimezone(ZoneInfo(hall.site.catalogue.time_zone)):%H:%M}"
    return Text(zh=f"请在 {time} 前报到，位置保留到那时", en=f"Check in before {time}: your place is kept until then")
