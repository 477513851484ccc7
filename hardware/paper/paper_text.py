"""The sentences on printed paper, in Chinese and English."""

from __future__ import annotations

from datetime import datetime

from protocol.text.dates import clock, date_and_time
from protocol.text.waits import expected_wait, people_ahead, wait_range
from protocol.vocabulary import Promise, Text

REPRINT = Text(zh="补打", en="REPRINT")
MATERIALS = Text(zh="请带齐以下材料", en="Please bring all of these")
QR_PURPOSE = Text(zh="扫码查看前面还有几人", en="Scan to see your place in the queue")
PLEASE_GO = Text(zh="请到这里办理", en="PLEASE GO HERE")


def people_ahead_text(people: int | None) -> Text | None:
    """Return how many will be called before this visitor; None while that is not known."""
    return None if people is None else people_ahead(people)


def promise_text(promise: Promise | None) -> Text:
    """Return the promised wait in minutes, or that it is not known yet."""
    return expected_wait(promise)


def where_text(area: Text) -> Text:
    """Return where to wait."""
    return Text(zh=f"请到 {area.zh} 等候", en=f"Please wait: {area.en}")


def travel_text(travel_min: int) -> Text:
    """Return how long the way takes."""
    return Text(zh=f"路上约 {travel_min} 分钟", en=f"about {travel_min} min to get there")


def called_elsewhere_text(promise: Promise | None) -> Text:
    """Return when the other site will call, counted from now: the range that the visitor accepted.

    The hub gives a newer range instead where that is worse; the travel is included in both.
    """
    if promise is None:
        return promise_text(None)
    wait = wait_range(promise)
    return Text(zh=f"从现在起约 {wait.zh}叫号", en=f"called {'in about ' if promise.low_min > 0 else ''}{wait.en}")


def check_in_text(number: str) -> Text:
    """Return how to check in at the other site: by the code, or by the number where there is none at hand."""
    return Text(
        zh=f"到了先在取号机报到：扫码，或输入号码 {number}",
        en=f"Check in at the kiosk there: scan this, or type {number}",
    )


def kept_until_text(local: datetime) -> Text:
    """Return until when the place is kept; ``local`` is already in the hall's time zone."""
    until = clock(local, local.tzinfo)
    return Text(zh=f"号码保留到 {until}", en=f"Kept for you until {until}")


def date_text(local: datetime) -> Text:
    """Return when the number was issued; ``local`` is already in the hall's time zone. Independent of the locale."""
    return date_and_time(local)
