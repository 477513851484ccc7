"""``jiaohao-county rebuild``: a site's tables made again from its journal, beside the server. On both databases."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path

import pytest
from plain_hub import PlainHub, checked
from real_county import RealCounty
from sqlalchemy import create_engine, text

from protocol.county import JournalPush
from protocol.vocabulary import PrintOutcome
from runtime.run_command import FAILED
from server.domain.desk import issuance
from server.domain.model.catalogue import Catalogue
from server.store.county_database import open_county
from server.store.county_store import CountyStore, SiteTransaction
from server.store.database import snapshot
from server.store.faults import StoreFault
from server.store.projection.rebuild import Rebuild

DASHES_COUNT_FOR_NOTHING = "en-US-u-ka-shifted"
"""Neither do points: t10.1 sorts before t1.1, as with many a database of a county."""


@pytest.fixture
def county(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RealCounty]:
    """A county of two sites, on a PostgreSQL with an order of its own."""
    cluster = request.getfixturevalue("postgres") if database else None
    address = cluster.database(ordered=DASHES_COUNT_FOR_NOTHING) if cluster else ""
    with RealCounty(tmp_path / "county", ["tax", "police"], database=address) as running:
        yield running


@pytest.fixture
def tax(small_catalogue: Catalogue) -> PlainHub:
    """A morning with more than ten numbers printed."""
    hub = PlainHub(small_catalogue, "tax")
    hub.open()
    for _ in range(12):
        ticket = hub.issue(print_device="kiosk-1")
        hub.do(issuance.end_print(hub.hall, job=f"{ticket.id}.1", outcome=PrintOutcome.PRINTED, reason=""))
    hub.serve("window-1", seconds=240)
    hub.call_next("window-1")
    return hub


def rebuild(county: RealCounty, *arguments: str) -> tuple[int, str]:
    """Run the command beside the server; return its exit code and output."""
    server = county.processes[0]
    command = [*server.command, "rebuild", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=server.environment)
    return ran.returncode, ran.stdout + ran.stderr


def change(county: RealCounty, statement: str) -> None:
    """Change the county's database by hand."""
    engine = create_engine(county.database)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_rows_that_were_changed_by_hand_are_named_and_repaired_until_all_is_as_at_the_hub(
    county: RealCounty, tax: PlainHub, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    police = PlainHub(small_catalogue, "police")
    police.issue()
    county.client("police").push(police.push())
    push = checked(tax, tmp_path)
    again = JournalPush(after=tax.hall.seq, chain=tax.chain(tax.hall.seq), check=push.check)
    client = county.client("tax")
    assert client.push(push).tables_equal is True
    code, output = rebuild(county, "tax")
    assert (code, "nothing differs" in output) == (0, True), output

    change(county, "UPDATE tickets SET people_ahead = 77 WHERE id = 't4' OR site = 'police'")
    change(county, "DELETE FROM prints WHERE job = 't3.1'")
    assert client.push(again).tables_equal is False
    code, output = rebuild(county, "tax")
    assert code == 1
    assert "2 处不同 / differences" in output
    assert "tickets t4: people_ahead: 77 ≠ 3" in output
    assert "prints: 缺少 / missing" in output
    assert "--repair" in output
    assert client.push(again).tables_equal is False, "nothing is repaired unasked"

    code, output = rebuild(county, "tax", "--repair")
    assert (code, "已修复 / repaired" in output) == (0, True), output
    assert client.push(again).tables_equal is True
    assert rebuild(county, "tax")[0] == 0
    assert "people_ahead: 77 ≠ 0" in rebuild(county, "police")[1], "the other site was left alone"
    tax.issue()
    assert client.push(tax.push(after=push.entries[-1].seq)).seq == tax.hall.seq


def test_nothing_is_repaired_from_a_journal_that_was_changed_by_hand(county: RealCounty, tax: PlainHub) -> None:
    county.client("tax").push(tax.push())
    change(county, "UPDATE journal SET fact = 'nonsense' WHERE seq = 1")
    change(county, "DELETE FROM days")
    code, output = rebuild(county, "tax", "--repair")
    assert code == 1
    assert "1 被改动 / was changed by hand" in output
    assert "jiaohao-county forget tax" in output
    change(county, f"INSERT INTO days VALUES ('tax', '{tax.hall.day}', 2)")  # as it is still lost


def test_newest_entries_that_are_lost_take_nothing_with_them(county: RealCounty, tax: PlainHub) -> None:
    county.client("tax").push(tax.push())
    newest, rows = tax.hall.seq, kept(county, "count(*)")
    change(county, f"DELETE FROM journal WHERE seq > {newest - 8}")
    code, output = rebuild(county, "tax", "--repair")
    assert code == 1
    assert f"journal: {newest - 7}–{newest} 缺少 / missing" in output
    assert kept(county, "count(*)") == rows > 0


def kept(county: RealCounty, figure: str) -> int:
    """Return a figure of the tickets that the county keeps."""
    engine = create_engine(county.database)
    with engine.connect() as connection:
        count: int = connection.execute(text(f"SELECT {figure} FROM tickets")).scalar_one()
    engine.dispose()
    return count


def test_newest_entries_written_anew_are_reported(county: RealCounty, tax: PlainHub) -> None:
    county.client("tax").push(tax.push())
    change(county, f"UPDATE heads SET chain = '{tax.chain(1)}' WHERE site = 'tax'")
    code, output = rebuild(county, "tax", "--repair")
    assert code == 1
    assert f"journal: {tax.hall.seq} 被改动 / was changed by hand" in output


def test_a_journal_that_is_replaced_meanwhile_is_not_repaired_from(county: RealCounty, tax: PlainHub) -> None:
    county.client("tax").push(tax.push())
    change(county, "UPDATE tickets SET people_ahead = 77 WHERE id = 't4'")

    class Slow(CountyStore):
        """Another process writes before its transaction."""

        def transaction(self, site: str) -> AbstractContextManager[SiteTransaction]:
            change(county, f"UPDATE journal SET chain = '{tax.chain(1)}' WHERE seq = {tax.hall.seq}")
            return super().transaction(site)

    with (
        closing(Slow(open_county(county.database))) as store,
        pytest.raises(StoreFault, match=r"run the command again|was changed by hand"),
    ):
        store.rebuild("tax", repair=True)
    assert kept(county, "max(people_ahead)") == 77


def test_a_site_without_a_journal_is_one_sentence(county: RealCounty) -> None:
    for arguments in (("police",), ("police", "--repair"), ("health", "--repair")):
        code, output = rebuild(county, *arguments)
        assert code == FAILED
        assert output.startswith("jiaohao-county: ")
        assert arguments[0] in output
        assert output.count("\n") == 1
        assert arguments[0] == "health" or county.database in output


def test_nobody_waits_for_a_repair_that_finds_nothing(county: RealCounty, tax: PlainHub) -> None:
    county.client("tax").push(tax.push())
    with ExitStack() as opened:
        store, other = (
            opened.enter_context(closing(CountyStore(open_county(county.database)))) for _ in ("store", "other")
        )
        with other.transaction("tax"):
            report = store.rebuild("tax", repair=True)
    assert (report.entries, report.different, report.sound) == (tax.hall.seq, 0, True)


def test_what_comes_between_a_comparison_and_its_repair_is_in_the_tables_too(county: RealCounty, tax: PlainHub) -> None:
    waits = max(tax.hall.tickets)
    county.client("tax").push(tax.push())
    change(county, f"DELETE FROM tickets WHERE id = '{waits}'")
    change(county, "UPDATE tickets SET people_ahead = 77 WHERE id = 't4'")
    with closing(CountyStore(open_county(county.database))) as store, closing(Rebuild("tax")) as again:
        with snapshot(store.reader) as connection:
            assert again.is_journal_intact(connection)
            again.compare(connection, tax.hall.site.catalogue)
        known = tax.hall.seq
        tax.cancel(waits)
        tax.issue()
        county.client("tax").push(tax.push(after=known))
        with store.transaction("tax") as held:
            held.repair(again)
        assert again.report.different == 2
        assert store.rebuild("tax", repair=False).different == 0
