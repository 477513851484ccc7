"""The county's ``/healthz``: 503 while it can take no push, and it is well again by itself."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql
from real_county import RealCounty, until_county_connection
from real_hall import until
from real_postgres import LOCAL, USER, RealPostgres
from sqlalchemy import make_url

from protocol.answers import CountyState


def database(county: RealCounty) -> tuple[int, str]:
    answer = county.request("GET", "/healthz")
    return answer.status, answer.json()["parts"]["database"]["state"]


def test_a_database_that_is_stopped_is_503_and_few_log_lines(tmp_path: Path, postgres: RealPostgres) -> None:
    address = postgres.database()
    name = make_url(address).database or ""
    switch = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with RealCounty(tmp_path, ["tax"], database=address) as county, county.hub("tax") as hall:
        until_county_connection(hall, lambda found: found.state is CountyState.JOINED, what="the hub has joined")
        assert database(county) == (200, "ok")
        log, hub_log = county.processes[0].log, hall.hub.log
        with psycopg.connect(host=LOCAL, port=postgres.port, user=USER, dbname="postgres", autocommit=True) as admin:
            admin.execute(switch.format(sql.Identifier(name), sql.Literal(False)))  # noqa: FBT003 - SQL's own
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            until(lambda: database(county) == (503, "failed"), what="the database is away")
            until(lambda: hall.health().parts["county"].state == "failed", what="the hub knows that the county is away")
            admin.execute(switch.format(sql.Identifier(name), sql.Literal(True)))  # noqa: FBT003
        until(lambda: database(county) == (200, "ok"), what="the county is well by itself")
        until(lambda: hall.health().parts["county"].state == "ok", what="the hub is well by itself")
    for written in (log.read_text(encoding="utf-8"), hub_log.read_text(encoding="utf-8")):
        assert "Traceback" not in written
        assert len(written.splitlines()) <= 10


def test_the_first_join_of_a_hub_with_a_history_warns_of_nothing(tmp_path: Path) -> None:
    with RealCounty(tmp_path, ["tax"]) as county, county.hub("tax", with_broker=True) as hall:
        until_county_connection(hall, lambda found: found.state is CountyState.JOINED, what="the hub has joined")
        assert "WARNING" not in hall.hub.output()
        assert "Traceback" not in hall.hub.output()
