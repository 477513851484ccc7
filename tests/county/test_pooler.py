"""A connection pooler before PostgreSQL: in session mode all works, in every other the county refuses in a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from plain_hub import PlainHub
from real_county import RealCounty
from real_hall import until
from real_pooler import RealPooler
from real_postgres import RealPostgres

from runtime.run_command import FAILED, WRONG_SETTINGS
from server.county.settings import DATABASE_VARIABLE
from server.domain.model.catalogue import Catalogue

SETTINGS = """
name = { zh = "竹溪县", en = "Zhuxi" }
[[sites]]
id = "tax"
name = { zh = "税务大厅", en = "Tax" }
address = { zh = "中山路 1 号", en = "1 Zhongshan Road" }
"""


def test_behind_a_pooler_in_session_mode_a_county_works_and_survives_its_restart(
    postgres: RealPostgres, tmp_path: Path, small_catalogue: Catalogue
) -> None:
    hub = PlainHub(small_catalogue, "tax")
    with RealPooler(postgres, mode="session") as pooler:
        address = pooler.before(postgres.database())
        with RealCounty(tmp_path, ["tax"], database=address, processes=2) as county:
            clients = [county.client("tax", process=process) for process in county.processes]
            for client in clients * 3:
                before = hub.hall.seq
                hub.issue()
                assert client.push(hub.push(before if before > 3 else 0)).seq == hub.hall.seq
            pooler.stop()
            pooler.start()
            hub.issue()
            assert clients[0].push(hub.push(hub.hall.seq - 1)).seq == hub.hall.seq
            until(lambda: county.has("tax", hub.hall.seq, process=county.processes[1]), what="both read on")
            assert clients[1].journal_after(0).entries == hub.lines
            forget = [*county.processes[0].command, "forget", "tax"]
            environment = county.processes[0].environment
            refused = subprocess.run(forget, env=environment, capture_output=True, text=True, check=False)
            assert refused.returncode == FAILED
            assert "another jiaohao-county is using" in refused.stderr
            for process in county.processes:
                process.stop()
            until(
                lambda: subprocess.run(forget, env=environment, capture_output=True, check=False).returncode == 0,
                what="the sessions of the servers have ended",
            )


@pytest.mark.parametrize("order", ["newest first", "in turn"])
@pytest.mark.parametrize("idle", [0, 3])
def test_a_pooler_that_shares_sessions_is_refused_at_the_start(
    postgres: RealPostgres, tmp_path: Path, order: str, idle: int
) -> None:
    (tmp_path / "county.toml").write_text(SETTINGS, encoding="utf-8")
    with RealPooler(postgres, mode="transaction", round_robin=order == "in turn") as pooler:
        address = pooler.before(postgres.database())
        others = [psycopg.connect(address.replace("+psycopg", "")) for _ in range(idle)]
        for other in others:  # leaves as many sessions idle in the pooler
            other.execute("SELECT 1")
        for other in others:
            other.close()
        command = [sys.executable, "-m", "server.county.main", "--settings", str(tmp_path / "county.toml")]
        ended = subprocess.run(
            command, env={"PYTHONPATH": ".", DATABASE_VARIABLE: address}, capture_output=True, text=True, check=False
        )
    assert ended.returncode == WRONG_SETTINGS
    assert len(ended.stderr.splitlines()) == 1
    assert "连接池不是会话模式：请设 pool_mode = session" in ended.stderr
