"""When a site issues tickets: its hours in local time."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from protocol.vocabulary import Text
from server.domain.model.catalogue import Catalogue, Hours

WEEKDAYS = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def is_open(catalogue: Catalogue, at: datetime) -> bool:
    """Whether tickets are issued at this moment."""
    if not catalogue.hours:
        return True
    local = at.astimezone(ZoneInfo(catalogue.time_zone))
    return any(local.isoweekday() in h.days and h.open <= local.time() < h.close for h in catalogue.hours)


def opens_at(catalogue: Catalogue, at: datetime) -> str | None:
    """Return the next opening as local ``HH:MM`` (with the date when it is not today), or None while open."""
    if is_open(catalogue, at):
        return None
    local = at.astimezone(ZoneInfo(catalogue.time_zone))
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        times = sorted(
            h.open for h in catalogue.hours if day.isoweekday() in h.days and (ahead > 0 or h.open > local.time())
        )
        if times:
            return f"{times[0]:%H:%M}" if ahead == 0 else f"{day:%m-%d} {times[0]:%H:%M}"
    return None


def closes_at(catalogue: Catalogue, at: datetime) -> datetime | None:
    """Return when the site stops giving numbers for today; None when it never does. A noon break is no end."""
    if not catalogue.hours:
        return None
    local = at.astimezone(ZoneInfo(catalogue.time_zone))
    last = max((h.close for h in catalogue.hours if local.isoweekday() in h.days), default=local.time())
    return local.replace(hour=last.hour, minute=last.minute, second=last.second, microsecond=0)


def opening_hours_text(catalogue: Catalogue) -> Text:
    """Return the opening hours as people read them."""
    if not catalogue.hours:
        return Text(zh="全天开放", en="Open all day")
    return Text(
        zh="；".join(f"{_days(h, zh=True)} {h.open:%H:%M}–{h.close:%H:%M}" for h in catalogue.hours),
        en="; ".join(f"{_days(h, zh=False)} {h.open:%H:%M}–{h.close:%H:%M}" for h in catalogue.hours),
    )


def _days(hours: Hours, *, zh: bool) -> str:
    first, last = min(hours.days), max(hours.days)
    whole = len(set(hours.days)) == last - first + 1 and first != last
    if zh:
        return f"周{WEEKDAYS[first - 1]}至周{WEEKDAYS[last - 1]}" if whole else _each(hours, zh=True)
    return f"{WEEKDAYS_EN[first - 1]}–{WEEKDAYS_EN[last - 1]}" if whole else _each(hours, zh=False)


def _each(hours: Hours, *, zh: bool) -> str:
    days = sorted(set(hours.days))
    return "、".join(f"周{WEEKDAYS[d - 1]}" for d in days) if zh else ", ".join(WEEKDAYS_EN[d - 1] for d in days)
