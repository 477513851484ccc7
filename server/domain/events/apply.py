"""The fold: each journal entry, applied to the hall before it, makes the next hall. Nothing else changes a hall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from protocol import journal as j
from server.domain.events.apply_announcements import announce_ticket
from server.domain.events.apply_days import apply_day_fact
from server.domain.events.apply_prints import apply_print_fact
from server.domain.events.apply_referrals import apply_referral_fact
from server.domain.events.apply_visits import apply_visit_fact
from server.domain.events.apply_windows import apply_window_fact
from server.domain.model import catalogue as c
from server.domain.model.hall import (
    Hall,
    HallWindow,
    SiteIndex,
    rank,
)
from server.domain.model.learned import NOTHING_LEARNED, Learned


@dataclass(frozen=True, slots=True)
class AppliedEntry:
    """One entry with the hall before and after it."""

    before: Hall
    entry: j.Entry
    after: Hall


def apply_facts(
    hall: Hall, facts: Iterable[j.AnyFact], *, moment: j.Moment, actor: str, request_id: str | None
) -> list[AppliedEntry]:
    """Return the facts of one command as numbered journal entries, each applied after the other."""
    applied = []
    for fact in facts:
        entry = j.Entry(seq=hall.seq + 1, moment=moment, actor=actor, request_id=request_id, fact=fact)
        step = AppliedEntry(before=hall, entry=entry, after=apply(hall, entry))
        applied.append(step)
        hall = step.after
    return applied


def empty_hall(catalogue: c.Catalogue, *, learned: Learned = NOTHING_LEARNED) -> Hall:
    """Return a site before its first day."""
    return Hall(site=SiteIndex(catalogue), learned=learned)


def apply(hall: Hall, entry: j.Entry) -> Hall:
    """Return the site after one more entry of its journal.

    Parts that an entry does not change keep their identity. Readers rely on that, since comparing with ``is`` costs
    nothing: the hub's broadcaster and the pages renew only what is made of parts with another identity.
    Raises KeyError, WrongState or ValueError for a fact that cannot follow on this hall: the county's inbox turns those
    into a refusal.
    """
    return _after(hall, entry, entry.fact)._replace(seq=entry.seq, latest=entry.moment)


def _after(hall: Hall, entry: j.Entry, fact: j.AnyFact) -> Hall:  # noqa: PLR0911 - one case for each group
    # The kind is compared, a string, and not the class: pydantic's isinstance check takes six times as long. What a day
    # is full of comes first. A kind that no case names ends in the last one, where it does not type-check.
    match fact.kind:
        case (
            "ticket_issued"
            | "ticket_called"
            | "ticket_started"
            | "ticket_finished"
            | "ticket_recalled"
            | "ticket_no_show"
            | "ticket_returned"
            | "ticket_transferred"
            | "ticket_cancelled"
        ):
            return apply_visit_fact(hall, entry, fact)
        case "ticket_announced":
            return announce_ticket(hall, entry, fact)
        case "print_started" | "print_ended":
            return apply_print_fact(hall, entry, fact)
        case "window_changed" | "window_helps" | "window_agreed":
            return apply_window_fact(hall, fact)
        case "notice_changed":
            return hall._replace(notice=fact.text)
        case "day_started" | "day_moved" | "clock_confirmed":
            return apply_day_fact(hall, entry, fact)
        case "catalogue_changed":
            return _change_catalogue(hall, fact)
        case "proposal_made" | "proposal_decided" | "proposal_measured":
            raise ValueError(f"{fact.kind} is a fact of the county, not of a site")
        case _:
            return apply_referral_fact(hall, entry, fact)


def _change_catalogue(hall: Hall, fact: j.CatalogueChanged) -> Hall:
    hall = hall._replace(site=SiteIndex(c.Catalogue.model_validate(fact.catalogue)))
    queues = {s: tuple(sorted(q, key=partial(rank, hall))) for s, q in hall.queues.items()}
    windows = {
        name: _without_lost_services(hall, window) for name, window in hall.windows.items() if name in hall.site.windows
    }
    return hall._replace(queues=queues, windows=windows)


def _without_lost_services(hall: Hall, window: HallWindow) -> HallWindow:
    """Return a window that helps only with services the site still has."""
    return replace(window, helps=tuple(s for s in window.helps if s in hall.site.services))
