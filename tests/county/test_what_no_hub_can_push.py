"""Pushes with a good key that no hub can have written: refused by name, they hurt neither the site nor another one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any

import pytest
from plain_hub import PlainHub
from real_county import RealCounty
from sqlalchemy import create_engine, update

from protocol import journal as j
from protocol.answers import OtherSite
from protocol.county import PLAN_VALID_S
from protocol.vocabulary import Language, Promise, Text
from server.domain.model.catalogue import Catalogue
from server.store import tables as t
from server.store.journal.journal_lines import line_of

BAD, WELL, CUT = "bad", "well", "cut"
FAR = 10**30
LONG = "x" * 1_000_000
CLOCK, FIELD, ENTRY = "clock_impossible", "invalid_field", "invalid_entry"
NAME = Text(zh="厅", en="hall")
WAIT = Promise(low_min=10, high_min=20)


@pytest.fixture(scope="module")
def county(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCounty]:
    ways = f"from,to,minutes\n{WELL},{BAD},6\n"
    with RealCounty(tmp_path_factory.mktemp("county"), [BAD, WELL, CUT], database=database, travel=ways) as running:
        yield running


@pytest.fixture(scope="module")
def bad(county: RealCounty, small_catalogue: Catalogue) -> PlainHub:
    """A site whose hub has pushed a morning, and an offer to go to the other one."""
    hubs = [PlainHub(small_catalogue, site) for site in (BAD, WELL)]
    for hub in hubs:
        hub.open()
        hub.issue()
        hub.do([OFFER])
        county.client(hub.site).push(hub.push())
    return hubs[0]


OFFER = j.OfferMade(
    offer="o1",
    service="id-card",
    language=Language.ZH,
    priority=None,
    ticket=None,
    to_site=WELL,
    where=OtherSite(site=WELL, name=NAME, address=NAME, travel_min=6),
    here=WAIT,
    there=WAIT,
    travel_min=6,
    saving_min=10,
)
ISSUED = j.TicketIssued(
    ticket="t9",
    number="A009",
    letter="A",
    count=9,
    service="id-card",
    language=Language.ZH,
    priority=None,
    people_ahead=0,
    promise=WAIT,
    print_device=None,
)
REQUESTED = j.ReferralAsked(
    referral="r1",
    offer="o1",
    to_site=WELL,
    service="id-card",
    language=Language.ZH,
    priority=None,
    ticket=None,
    waited_s=0,
    travel_min=6,
)
TAKEN = j.ReferralTaken(
    referral="r1",
    there="p1",
    number="B009",
    people_ahead=0,
    promise=None,
    area=NAME,
    kept_min=10,
    print_device=None,
)
HELD = j.PlaceHeld(
    ticket="p1",
    referral="r1",
    from_site=WELL,
    number="A009",
    letter="A",
    count=9,
    service="id-card",
    language=Language.ZH,
    priority=None,
    travel_min=6,
    waited_s=0,
    people_ahead=0,
    promise=None,
)

OF_THE_PUSH: dict[str, tuple[str, dict[str, Any]]] = {
    "a far count": (FIELD, {"after": FAR}),
    "a comparison at a far count": (FIELD, {"check": {"seq": FAR, "day": "2026-03-02", "tables": "0" * 64}}),
    "a version with a NUL": (FIELD, {"version": "a\0b"}),
    "a long version": (FIELD, {"version": LONG}),
    "a field that cannot be printed": (FIELD, {"\ud800": 1}),
}
OF_ITS_CLOCK: dict[str, tuple[str, dict[str, Any]]] = {
    "the year 9999": (CLOCK, {"at": "9999-12-31T23:59:59Z"}),
    "the year 1 in the east": (CLOCK, {"at": "0001-01-01T00:00:00+08:00"}),
    "the year 1970": (CLOCK, {"at": "1970-01-01T00:05:00Z"}),
    "no time zone": (FIELD, {"at": "2026-03-02T09:00:00"}),
    "no seconds": (FIELD, {"mono_s": nan}),
    "endless seconds": (FIELD, {"mono_s": inf}),
    "more seconds than a machine runs": (FIELD, {"mono_s": 1e308}),
    "a run with a long name": (FIELD, {"boot": LONG}),
    "a run with a NUL": (FIELD, {"boot": "a\0b"}),
    "a run with half a character": (FIELD, {"boot": "\ud800"}),
}
OF_A_LINE: dict[str, tuple[str, dict[str, Any]]] = {
    "the year 1 in the east": (CLOCK, {"at": "0001-01-01T00:00:00+08:00"}),
    "the year 9999 in the west": (CLOCK, {"at": "9999-12-31T23:59:59-08:00"}),
    "the year 2999": (CLOCK, {"at": "2999-12-31T23:59:59Z"}),
    "seconds that are none": (FIELD, {"mono_s": nan}),
    "more seconds than a machine runs": (FIELD, {"mono_s": 1e308}),
    "an actor with a NUL": (FIELD, {"actor": "a\0b"}),
    "a fact too long": (FIELD, {"fact": LONG + "x"}),
    "a fact with half a character": (FIELD, {"fact": "\ud800"}),
}
OF_A_FACT: dict[str, tuple[str, j.Fact, dict[str, Any]]] = {
    "people ahead": (ENTRY, ISSUED, {"people_ahead": FAR}),
    "more people ahead than PostgreSQL counts": (ENTRY, ISSUED, {"people_ahead": 2**40}),
    "a count": (ENTRY, ISSUED, {"count": FAR}),
    "a promise": (ENTRY, ISSUED, {"promise": {"low_min": FAR, "high_min": FAR}}),
    "a promise that is none": (ENTRY, ISSUED, {"promise": {"low_min": 1, "high_min": 2, "p50_min": nan}}),
    "a long id": (ENTRY, ISSUED, {"ticket": LONG[:-1000]}),
    "an id with a NUL": (ENTRY, ISSUED, {"ticket": "a\0b"}),
    "a long number": (ENTRY, ISSUED, {"number": "😀" * 1000}),
    "a number with markup": (ENTRY, ISSUED, {"number": "<b>"}),
    "a number with a line break": (ENTRY, ISSUED, {"number": "A009\n"}),
    "a letter with markup": (ENTRY, ISSUED, {"letter": "<b"}),
    "a held number with markup": (ENTRY, HELD, {"number": "<i>9"}),
    "a number there with markup": (ENTRY, TAKEN, {"number": "<u>9"}),
    "a wait that is none": (ENTRY, REQUESTED, {"waited_s": nan}),
    "a wait before it began": (ENTRY, REQUESTED, {"waited_s": -1e300}),
    "a way that is none": (ENTRY, REQUESTED, {"travel_min": nan}),
    "an endless way": (ENTRY, REQUESTED, {"travel_min": inf}),
    "a way of ages": (ENTRY, REQUESTED, {"travel_min": 1e300}),
    "a long referral": (ENTRY, REQUESTED, {"referral": LONG[:-1000]}),
    "a place after an endless wait": (ENTRY, HELD, {"waited_s": 1e308}),
    "a place at the end of a way of ages": (ENTRY, HELD, {"travel_min": 1e308}),
    "the last day": (CLOCK, j.DayStarted(day=datetime(9999, 12, 31, tzinfo=UTC).date()), {}),
    "the first day": (CLOCK, j.DayStarted(day=datetime(1, 1, 1, tzinfo=UTC).date()), {}),
}


def refused(county: RealCounty, bad: PlainHub, push: dict[str, Any]) -> str:
    """Push what must be refused and return the error; the true journal is accepted then, the other view stays empty."""
    answer = county.request("POST", f"/v1/sites/{BAD}/journal", site=BAD, body=json.dumps(push).encode())
    assert answer.status == 422, answer.data
    assert county.client(BAD).push(bad.push()).seq == bad.hall.seq
    assert county.view(WELL).referrals == []
    name: str = answer.json()["error"]
    return name


@pytest.mark.parametrize("case", OF_THE_PUSH)
def test_a_push_that_cannot_be_is_refused(county: RealCounty, bad: PlainHub, case: str) -> None:
    name, fields = OF_THE_PUSH[case]
    assert refused(county, bad, {**bad.push().model_dump(mode="json"), **fields}) == name


@pytest.mark.parametrize("case", OF_ITS_CLOCK)
def test_a_push_by_a_clock_that_cannot_be_is_refused(county: RealCounty, bad: PlainHub, case: str) -> None:
    name, fields = OF_ITS_CLOCK[case]
    push = bad.push().model_dump(mode="json")
    assert refused(county, bad, {**push, "now": {**push["now"], **fields}}) == name


@pytest.mark.parametrize("case", OF_A_LINE)
def test_a_line_that_cannot_be_is_refused(county: RealCounty, bad: PlainHub, case: str) -> None:
    name, fields = OF_A_LINE[case]
    push = bad.push().model_dump(mode="json")
    push["entries"].append({**push["entries"][-1], "seq": bad.hall.seq + 1, **fields})
    assert refused(county, bad, push) == name


@pytest.mark.parametrize("case", OF_A_FACT)
def test_a_fact_that_cannot_be_is_refused(county: RealCounty, bad: PlainHub, case: str) -> None:
    name, fact, fields = OF_A_FACT[case]
    written = json.dumps({**fact.model_dump(mode="json"), **fields})
    entry = j.Entry(seq=bad.hall.seq + 1, moment=bad.moment, actor="test", request_id=None, fact=ISSUED)
    line = line_of(entry).model_copy(update={"fact": written})
    assert refused(county, bad, bad.push(lines=[*bad.lines, line]).model_dump(mode="json")) == name


def test_a_place_that_was_requested_before_a_cut_is_not_requested_any_more_after_it(
    county: RealCounty, small_catalogue: Catalogue
) -> None:
    cut = PlainHub(small_catalogue, CUT)
    cut.do([OFFER, REQUESTED])
    county.client(CUT).push(cut.push())
    assert [referral.referral for referral in county.view(WELL).referrals] == [REQUESTED.referral]
    county.processes[0].stop()
    engine, long_ago = create_engine(county.database), datetime.now(UTC) - timedelta(seconds=PLAN_VALID_S + 1)
    with engine.begin() as connection:
        connection.execute(update(t.heads).where(t.heads.c.site == CUT).values(heard_at=long_ago))
    engine.dispose()
    county.start()
    assert county.view(WELL).referrals == []
    county.client(CUT).push(cut.push(after=cut.hall.seq))
    assert [referral.referral for referral in county.view(WELL).referrals] == [REQUESTED.referral]
    cut.do([j.ReferralGivenUp(referral=REQUESTED.referral, reason="no_answer")])
    county.client(CUT).push(cut.push())
