"""A journal comes in: in order, once, and only what a hub can have written. On SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from plain_hub import PlainHub
from real_county import RealCounty

from protocol import journal as j
from protocol.clients.county_client import CountyRefused
from protocol.county import (
    CHAIN_START,
    MAX_ENTRIES_PER_PUSH,
    JournalLine,
    JournalPush,
    JournalRefused,
    JournalStretch,
    PushAccepted,
)
from server.domain.model.catalogue import Catalogue
from server.store.journal.journal_lines import line_of


def take(county: RealCounty, hub: PlainHub, push: JournalPush) -> PushAccepted:
    return county.client(hub.site).push(push)


def refusal(county: RealCounty, hub: PlainHub, push: JournalPush) -> tuple[int, JournalRefused]:
    """Push what must be refused, and see that nothing of it was applied."""
    before = past(county, hub)
    with pytest.raises(CountyRefused) as refused:
        take(county, hub, push)
    assert past(county, hub) == before
    return refused.value.status, refused.value.answer


def past(county: RealCounty, hub: PlainHub) -> JournalStretch:
    return county.client(hub.site).journal_after(0)


def changed(line: JournalLine, **fields: Any) -> JournalLine:
    return line.model_copy(update=fields)


def test_a_journal_is_kept_as_it_was_written(county: RealCounty, hub: PlainHub) -> None:
    taken = take(county, hub, hub.push())
    assert (taken.seq, taken.chain) == (hub.hall.seq, hub.chain(hub.hall.seq))
    kept = past(county, hub)
    assert kept.entries == hub.lines
    assert (kept.after, kept.chain, kept.seq) == (0, CHAIN_START, hub.hall.seq)


def test_the_same_push_again_changes_nothing(county: RealCounty, hub: PlainHub) -> None:
    first = take(county, hub, hub.push())
    assert take(county, hub, hub.push()) == first
    assert take(county, hub, hub.push(upto=3)) == first
    assert past(county, hub).entries == hub.lines


def test_a_push_that_the_county_has_in_part_adds_the_rest(county: RealCounty, hub: PlainHub) -> None:
    take(county, hub, hub.push(upto=5))
    assert take(county, hub, hub.push(after=2)).seq == hub.hall.seq
    assert past(county, hub).entries == hub.lines


def test_an_empty_push_is_answered_with_how_far_the_county_is(county: RealCounty, hub: PlainHub) -> None:
    assert take(county, hub, JournalPush(after=0, chain=CHAIN_START)).seq == 0
    take(county, hub, hub.push(upto=4))
    assert take(county, hub, hub.push(after=4, upto=4)) == PushAccepted(seq=4, chain=hub.chain(4))


def test_a_gap_is_refused_with_how_far_the_county_is(county: RealCounty, hub: PlainHub) -> None:
    take(county, hub, hub.push(upto=4))
    status, answer = refusal(county, hub, hub.push(after=6))
    assert (status, answer.error, answer.seq) == (409, "gap", 4)
    assert "4" in answer.message.zh


def test_a_gap_inside_a_push_is_refused(county: RealCounty, hub: PlainHub) -> None:
    holed = hub.lines[:3] + hub.lines[4:]
    status, answer = refusal(county, hub, hub.push(lines=holed))
    assert (status, answer.error) == (409, "gap")


@pytest.mark.parametrize(
    "fields",
    [{"actor": "another"}, {"mono_s": 1.5}, {"fact": '{"kind":"notice_changed","text":{"zh":"","en":""}}'}],
)
def test_an_entry_that_was_rewritten_is_found(county: RealCounty, hub: PlainHub, fields: dict[str, Any]) -> None:
    take(county, hub, hub.push(upto=5))
    forged = [*hub.lines[:3], changed(hub.lines[3], **fields), *hub.lines[4:]]
    for after in (2, 5):  # the entry itself, and a chain that goes on from it
        status, answer = refusal(county, hub, hub.push(after=after, lines=forged))
        assert (status, answer.error) == (409, "journal_rewritten")


def test_the_key_of_another_site_is_refused(county: RealCounty, hub: PlainHub) -> None:
    answer = county.request("POST", f"/v1/sites/{hub.site}/journal", hub.push().model_dump(mode="json"), site="site-60")
    assert (answer.status, answer.json()["error"]) == (403, "forged_site")
    assert past(county, hub).seq == 0


def test_without_a_good_key_nothing_is_taken(county: RealCounty, hub: PlainHub) -> None:
    answer = county.request("POST", f"/v1/sites/{hub.site}/journal", hub.push().model_dump(mode="json"))
    assert (answer.status, answer.json()["error"]) == (401, "unknown_key")


def test_the_entries_of_another_site_are_refused(county: RealCounty, hub: PlainHub, small_catalogue: Catalogue) -> None:
    other = PlainHub(small_catalogue, "another")
    other.site = hub.site  # its chain is right, its description another's
    status, answer = refusal(county, other, other.push())
    assert (status, answer.error, answer.seq) == (403, "forged_site", 1)


def test_a_site_the_county_does_not_know_is_refused(county: RealCounty) -> None:
    county.access.enrol("nowhere")
    answer = county.request("GET", "/v1/sites/nowhere/view", site="site-60")
    assert (answer.status, answer.json()["error"]) == (404, "unknown_site")


def test_an_entry_from_1970_is_refused_with_all_that_came_with_it(county: RealCounty, hub: PlainHub) -> None:
    early = [*hub.lines[:3], changed(hub.lines[3], at=datetime(1970, 1, 1, 0, 5, tzinfo=UTC)), *hub.lines[4:]]
    status, answer = refusal(county, hub, hub.push(lines=early))
    assert (status, answer.error, answer.seq) == (422, "clock_impossible", 4)


def entry_of(fact: j.AnyFact, hub: PlainHub) -> JournalLine:
    seq = hub.hall.seq + 1
    return line_of(j.Entry(seq=seq, moment=hub.moment, actor="test", request_id=None, fact=fact))


NEVER_WRITTEN: dict[str, j.AnyFact] = {
    "a call of nobody": j.TicketCalled(ticket="nobody", window="window-1", reason="next"),
    "an end of what never began": j.TicketFinished(ticket="nobody", window="window-1"),
    "a transfer to nowhere": j.TicketTransferred(ticket="nobody", window="window-1", service="nowhere"),
    "a description that is none": j.CatalogueChanged(catalogue={"site": "somewhere"}),
}


@pytest.mark.parametrize("name", sorted(NEVER_WRITTEN))
def test_an_entry_that_cannot_have_happened_is_refused(county: RealCounty, hub: PlainHub, name: str) -> None:
    forged = [*hub.lines, entry_of(NEVER_WRITTEN[name], hub)]
    status, answer = refusal(county, hub, hub.push(lines=forged))
    assert (status, answer.error, answer.seq) == (422, "invalid_entry", len(forged))


def test_a_number_that_was_issued_before_is_refused(county: RealCounty, hub: PlainHub) -> None:
    first = next(e.fact for e in hub.journal if isinstance(e.fact, j.TicketIssued))
    forged = [*hub.lines, entry_of(first.model_copy(update={"ticket": "another"}), hub)]
    status, answer = refusal(county, hub, hub.push(lines=forged))
    assert (status, answer.error) == (422, "invalid_entry")


@pytest.mark.parametrize("fact", ["nonsense", "[]", '{"kind":"unknown_kind"}', '{"kind":"ticket_issued"}', '"\\u0000"'])
def test_a_fact_that_is_none_is_refused(county: RealCounty, hub: PlainHub, fact: str) -> None:
    forged = [*hub.lines[:-1], changed(hub.lines[-1], fact=fact)]
    status, answer = refusal(county, hub, hub.push(lines=forged))
    assert (status, answer.error, answer.seq) == (422, "invalid_entry", len(forged))


def test_a_journal_that_does_not_begin_with_the_site_is_refused(county: RealCounty, hub: PlainHub) -> None:
    headless = [changed(line, seq=line.seq - 1) for line in hub.lines[1:]]
    status, answer = refusal(county, hub, hub.push(lines=headless))
    assert (status, answer.error, answer.seq) == (422, "invalid_entry", 1)


def test_a_field_that_the_county_does_not_know_yet_is_kept(county: RealCounty, hub: PlainHub) -> None:
    fact = json.dumps({**json.loads(hub.lines[-1].fact), "of_tomorrow": 1})
    newer = [*hub.lines[:-1], changed(hub.lines[-1], fact=fact)]
    take(county, hub, hub.push(lines=newer))
    assert past(county, hub).entries == newer


def test_what_is_no_push_is_refused_by_name(county: RealCounty, hub: PlainHub) -> None:
    def answer_to(body: bytes) -> tuple[int, str]:
        answer = county.request("POST", f"/v1/sites/{hub.site}/journal", body=body, site=hub.site)
        return answer.status, answer.json()["error"]

    assert answer_to(b"{") == (422, "invalid_json")
    assert answer_to(b'{"after": 0}') == (422, "invalid_field")
    assert answer_to(b" " * (9 * 1024 * 1024)) == (413, "body_too_large")
    many = hub.push().model_dump(mode="json")
    many["entries"] *= MAX_ENTRIES_PER_PUSH
    assert answer_to(json.dumps(many).encode()) == (422, "invalid_field")


def test_only_a_site_with_a_key_can_make_the_county_read_a_large_body(county: RealCounty, hub: PlainHub) -> None:
    large = b" " * (1024 * 1024)
    path = f"/v1/sites/{hub.site}/journal"
    without = county.request("POST", path, body=large)
    assert (without.status, without.json()["error"]) == (401, "unknown_key")
    with_key = county.request("POST", path, body=large, site=hub.site)
    assert (with_key.status, with_key.json()["error"]) == (422, "invalid_json")


def test_the_past_beyond_what_the_county_has_is_a_gap(county: RealCounty, hub: PlainHub) -> None:
    take(county, hub, hub.push(upto=4))
    with pytest.raises(CountyRefused) as refused:
        county.client(hub.site).journal_after(5)
    assert (refused.value.status, refused.value.answer.error, refused.value.answer.seq) == (409, "gap", 4)
