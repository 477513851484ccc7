"""The sentences on a paper ticket, in Chinese and English."""

from __future__ import annotations

from datetime import datetime

from protocol.vocabulary import Promise, Text

REPRINT = Text(zh="补打", en="REPRINT")
MATERIALS = Text(zh="请带齐以下材料", en="Please bring all of these")
QR_PURPOSE = Text(zh="扫码查看前面还有几人", en="Scan to see your place in the queue")
PLEASE_GO = Text(zh="请到这里办理", en="PLEASE GO HERE")

_WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def people_ahead_words(people: int | None) -> Text | None:
    """Say how many will be called before this visitor; None while that is not known."""
    match people:
        case None:
            return None
        case 0:
            return Text(zh="前面没有人", en="Nobody ahead of you")
        case 1:
            return Text(zh="前面 1 人", en="1 person ahead")
        case _:
            return Text(zh=f"前面 {people} 人", en=f"{people} people ahead")


def promise_words(promise: Promise | None) -> Text:
    """Say the promised wait in minutes, or that none can be promised yet."""
    if promise is None:
        return Text(zh="等候时间暂无法预计", en="Waiting time not known yet")
    low, high = promise.low_min, promise.high_min
    minutes = str(low) if low == high else f"{low}–{high}"
    return Text(zh=f"预计 {minutes} 分钟", en=f"about {minutes} min")


def where_words(area: Text) -> Text:
    """Say where to wait."""
    return Text(zh=f"请到 {area.zh} 等候", en=f"Please wait: {area.en}")


def travel_words(travel_min: int) -> Text:
    """Say how long the way takes."""
    return Text(zh=f"路上约 {travel_min} 分钟", en=f"about {travel_min} min to get there")


def wait_there_words(promise: Promise | None) -> Text:
    """Say when the other site will call, counted from now: the very range the visitor accepted.

    The hub says a newer one instead where that is worse; the travel is included in both.
    """
    if promise is None:
        return promise_words(None)
    minutes = f"{promise.low_min}–{promise.high_min}"
    return Text(zh=f"从现在起约 {minutes} 分钟叫号", en=f"called in about {minutes} min")


def check_in_words(number: str) -> Text:
    """Say how to check in at the other site: by the code, or by the number where there is none at hand."""
    return Text(
        zh=f"到了先在取号机报到：扫码，或输入号码 {number}",
        en=f"Check in at the kiosk there: scan this, or type {number}",
    )


def kept_until_words(local: datetime) -> Text:
    """Say until when the place is kept; ``local`` is already in the hall's time zone."""
    return Text(zh=f"号码保留到 {local:%H:%M}", en=f"Kept for you until {local:%H:%M}")


def date_words(local: datetime) -> Text:
    """Say when the number was taken; ``local`` is already in the hall's time zone. Independent of the locale."""
    return Text(
        zh=f"{local.year}年{local.month}月{local.day}日 {_WEEKDAYS[local.weekday()]} {local:%H:%M}",
        en=f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}",
    )
