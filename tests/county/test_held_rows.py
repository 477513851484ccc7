"""A row of PostgreSQL that another session locks stops the site it is about, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from plain_hub import PlainHub
from real_county import RealCounty
from real_postgres import RealPostgres
from sqlalchemy import Connection, create_engine, inspect, text

from server.domain.model.catalogue import Catalogue
from server.store.county_database import POSTGRES_WRITERS, open_county
from server.store.county_store import CountyStore

LIMITS = {"lock_timeout": "8s", "idle_in_transaction_session_timeout": "30s"}


@pytest.fixture
def county(postgres: RealPostgres, tmp_path: Path) -> Iterator[RealCounty]:
    """A county of two sites on PostgreSQL."""
    with RealCounty(tmp_path / "county", ["tax", "police"], database=postgres.database()) as running:
        yield running


@pytest.fixture
def other(county: RealCounty) -> Iterator[Connection]:
    """Another session on the county's database."""
    engine = create_engine(county.database)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_while_a_sites_row_is_held_its_pushes_are_to_come_again_and_the_others_are_taken(
    county: RealCounty, other: Connection, small_catalogue: Catalogue
) -> None:
    tax, police = (PlainHub(small_catalogue, site) for site in ("tax", "police"))
    other.execute(text("SELECT * FROM heads WHERE site = 'tax' FOR UPDATE"))
    body = tax.push().model_dump(mode="json")
    with ThreadPoolExecutor(POSTGRES_WRITERS) as threads:
        held = [
            threads.submit(county.request, "POST", "/v1/sites/tax/journal", body, site="tax")
            for _ in range(POSTGRES_WRITERS)
        ]
        assert county.client("police", timeout_s=30).push(police.push()).seq == police.hall.seq
        answers = [sent.result() for sent in held]
    assert [(answer.status, answer.json()["error"]) for answer in answers] == [(503, "store_fault")] * len(held)
    assert "lock timeout" in answers[0].json()["message"]["en"]
    other.rollback()
    assert county.client("tax").push(tax.push()).seq == tax.hall.seq


def test_a_county_starts_although_rows_of_its_sites_are_held(county: RealCounty, other: Connection) -> None:
    other.execute(text("UPDATE heads SET version = 'held' WHERE site = 'tax'"))
    store = CountyStore(open_county(county.database, serving=True))
    store.prepare(["tax", "police"])
    store.close()


def test_the_address_may_name_the_schema_and_the_limits_hold_there_too(postgres: RealPostgres) -> None:
    address = postgres.database()
    plain = create_engine(address)
    with plain.begin() as connection:
        connection.execute(text("CREATE SCHEMA halls"))
    named = open_county(f"{address}?options=-csearch_path%3Dhalls").writer
    with named.connect() as connection:
        limits = [connection.exec_driver_sql(f"SHOW {limit}").scalar() for limit in LIMITS]
    assert limits == list(LIMITS.values())
    assert (inspect(plain).get_table_names(), "journal" in inspect(plain).get_table_names("halls")) == ([], True)
    named.dispose()
    plain.dispose()


def test_a_session_that_goes_silent_within_a_transaction_ends_and_a_database_that_is_gone_is_noticed(
    county: RealCounty,
) -> None:
    engine = open_county(county.database).writer
    with engine.connect() as connection:
        wanted = {**LIMITS, "application_name": "jiaohao-county"}
        shown = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in wanted}
    engine.dispose()
    assert shown == wanted
