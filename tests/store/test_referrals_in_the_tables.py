"""Visitors referred and received, in the tables of both halls: what a report reads, and what a rebuild makes again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plain_county import TRAVEL_MIN, PlainCounty, county_of
from sqlalchemy import select

from protocol.vocabulary import PrintOutcome, TicketState, WindowState
from server.domain.desk import calls, issuance
from server.domain.events.apply import AppliedEntry, apply, empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.referrals import referral_destination
from server.store import tables as t
from server.store.database import open_writer
from server.store.projection.rebuild import rebuild
from server.store.queries.ticket_lookup import TicketLookup
from server.store.site_store import Store

HERE, THERE = "here", "there"


@pytest.fixture
def county(small_catalogue: Catalogue) -> PlainCounty:
    """One visitor was sent while waiting, came and was called; another never came."""
    county = county_of(small_catalogue, HERE, THERE)
    opened = calls.set_window(county.halls[THERE], window="window-1", state=WindowState.OPEN)
    county, ticket = county.does(THERE, opened).issues(HERE)
    for going in (ticket, None):
        county, _ = county.waits(60).accepts(HERE, THERE, ticket=going)
        for site in (THERE, HERE, THERE):
            county = county.syncs(site)
    county = county.waits(TRAVEL_MIN * 60)
    county = county.does(THERE, referral_destination.check_in(county.halls[THERE], code="A001"))
    call = calls.call_next(county.halls[THERE], window="window-1", at=county.clocks[THERE])
    county = county.does(THERE, call).waits(16 * 60).expires(THERE)
    (printed, _) = (job for jobs in county.halls[HERE].prints.values() for job in jobs)
    done = issuance.end_print(county.halls[HERE], job=printed.job, outcome=PrintOutcome.PRINTED, reason="")
    return county.does(HERE, done)


def kept(county: PlainCounty, site: str, path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Write a site's journal to a store; return the rows of its tickets and prints, having rebuilt them all."""
    catalogue = county.halls[site].site.catalogue
    engine = open_writer(path)
    store = Store(engine, site=site)
    hall = empty_hall(catalogue)
    with store.transaction() as transaction:
        for entry in county.journal(site):
            before, hall = hall, apply(hall, entry)
            transaction.write([AppliedEntry(before=before, entry=entry, after=hall)])
    assert store.load(catalogue) == county.halls[site]
    store.close()
    assert rebuild(path, catalogue, repair=False).differences == ()
    with engine.connect() as connection:
        tickets = connection.execute(select(t.tickets).order_by(t.tickets.c.issued_seq)).mappings().all()
        prints = connection.execute(select(t.prints)).mappings().all()
    engine.dispose()
    return [dict(row) for row in tickets], [dict(row) for row in prints]


def test_the_hall_of_origin_knows_where_its_ticket_went(county: PlainCounty, tmp_path: Path) -> None:
    tickets, prints = kept(county, HERE, tmp_path / "hall.sqlite")
    ((referral, _), *_) = county.requested().items()
    assert [(r["id"], r["state"], r["referral"], r["from_site"]) for r in tickets] == [
        ("t0", "referred", referral, None)
    ]
    assert [(r["job"], r["ticket"], r["outcome"]) for r in prints] == [(f"{referral}.1", referral, "printed")]


def test_the_other_hall_knows_who_came_and_who_did_not(county: PlainCounty, tmp_path: Path) -> None:
    tickets, _ = kept(county, THERE, tmp_path / "hall.sqlite")
    came, missing = tickets
    assert [(r["number"], r["state"], r["from_site"]) for r in tickets] == [
        ("A001", "called", HERE),
        ("A002", "no_show", HERE),
    ]
    assert came["first_wait_s"] == 60 + TRAVEL_MIN * 60, "the wait counts from the moment the place was held"
    assert (came["arrived_at"] - came["issued_at"]).total_seconds() == came["first_wait_s"]
    assert missing["arrived_at"] is None


def test_the_page_of_an_old_paper_still_shows_where_its_visitor_went(county: PlainCounty, tmp_path: Path) -> None:
    kept(county, HERE, tmp_path / "hall.sqlite")
    engine = open_writer(tmp_path / "hall.sqlite")
    found = TicketLookup(engine, site=HERE).ticket("t0")
    engine.dispose()
    assert found is not None
    assert found.state is TicketState.REFERRED
