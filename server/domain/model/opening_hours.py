"""Opening hours of a site, in local time: when it issues tickets."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from protocol.text.dates import short_weekday
from protocol.vocabulary import Text
from server.domain.model.catalogue import MIDNIGHT, Catalogue, Hours


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
    """Return when the site stops issuing tickets for today; None when it never does. A noon break is no end."""
    if not catalogue.hours:
        return None
    local = at.astimezone(ZoneInfo(catalogue.time_zone))
    last = max((h.close for h in catalogue.hours if local.isoweekday() in h.days), default=local.time())
    if last == MIDNIGHT:
        return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return local.replace(hour=last.hour, minute=last.minute, second=last.second, microsecond=0)


def opening_hours_text(catalogue: Catalogue) -> Text:
    """Return the opening hours as people read them."""
    if not catalogue.hours:
        return Text(zh="全天开放", en="Open all day")
    spans = [(_days(h), f"{h.open:%H:%M}–{_closing(h)}") for h in catalogue.hours]
    return Text(
        zh="；".join(f"{days.zh} {span}" for days, span in spans),
        en="; ".join(f"{days.en} {span}" for days, span in spans),
    )


def _closing(hours: Hours) -> str:
    return "24:00" if hours.close == MIDNIGHT else f"{hours.close:%H:%M}"


def _days(hours: Hours) -> Text:
    """Return the days of an opening: "周一至周五 / Mon–Fri" where they are consecutive, else one by one."""
    days = sorted(set(hours.days))
    names = [short_weekday(day) for day in days]
    if len(days) == days[-1] - days[0] + 1 and len(days) > 1:
        return Text(zh=f"{names[0].zh}至{names[-1].zh}", en=f"{names[0].en}–{names[-1].en}")
    return Text(zh="、".join(name.zh for name in names), en=", ".join(name.en for name in names))
