"""A standby that lost the newest entries becomes the database: the county notices, and hubs push them again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from plain_hub import PlainHub
from real_county import RealCounty
from real_hall import until
from real_postgres import RealPostgres

from protocol.county import CountyView
from server.domain.model.catalogue import Catalogue

pytestmark = pytest.mark.timeout(300)  # a cluster is stopped and started twice
POLL_S = 10
"""Duration of a hub's long poll, seconds."""


@pytest.fixture
def cluster() -> Iterator[RealPostgres]:
    """A PostgreSQL that this test may stop."""
    with RealPostgres() as running:
        yield running


@pytest.fixture
def county(cluster: RealPostgres, tmp_path: Path) -> Iterator[RealCounty]:
    with RealCounty(tmp_path / "county", ["tax", "police"], database=cluster.database()) as running:
        yield running


@pytest.fixture
def tax(small_catalogue: Catalogue) -> PlainHub:
    return PlainHub(small_catalogue, "tax")


def long_poll(county: RealCounty, *, mark: str, seq: int) -> CountyView:
    answer = county.request("GET", f"/v1/sites/tax/view?wait_s={POLL_S}&mark={mark}&seq={seq}", site="tax")
    assert answer.status == 200, answer.data
    return CountyView.model_validate_json(answer.data)


def poll_until_lost(county: RealCounty, *, mark: str, seq: int) -> CountyView:
    """Poll as a hub does, one poll after the other, until the county has less than it had."""
    while (view := long_poll(county, mark=mark, seq=seq)).seq >= seq:
        mark = view.mark
    return view


def push(county: RealCounty, hub: PlainHub) -> int:
    """Issue a ticket and push it; return how far the county has the journal."""
    before = hub.hall.seq
    hub.issue()
    return county.client(hub.site).push(hub.push(before)).seq


def test_entries_that_a_standby_lost_are_requested_from_the_hub_at_once(
    cluster: RealPostgres, county: RealCounty, tax: PlainHub
) -> None:
    county.client("tax").push(tax.push())
    kept = push(county, tax)
    cluster.keep_copy()
    until(lambda: county.view("tax").seq == kept, what="the county reads from the database again")
    for _ in range(5):
        had = push(county, tax)
    mark = county.view("tax").mark
    with ThreadPoolExecutor(1) as waiting:
        polled = waiting.submit(poll_until_lost, county, mark=mark, seq=had)
        cluster.fail_over()
        assert polled.result().seq == kept, "the open poll says what is lost"
    assert long_poll(county, mark=mark, seq=had).seq == kept, "and so does the next"
    assert "数据库丢了 tax 的流水" in county.processes[0].output()
    assert county.client("tax").push(tax.push(kept)).seq == tax.hall.seq
    assert county.client("tax").journal_after(0).entries == tax.lines
