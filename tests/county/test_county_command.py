"""``jiaohao-county``: settings, keys and passcodes, in the words of a technician."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from paper_hub import PaperHub
from pydantic import SecretStr
from real_county import RealCounty

from protocol.county import Line
from protocol.settings import SettingsError, load_settings
from server.county.access import CountyAccess
from server.county.settings import DATABASE_VARIABLE, CountySettings
from server.domain.catalogue import Catalogue
from server.store.database import StoreFault, open_county

SITE = """
[[sites]]
id = "{id}"
name = {{ zh = "税务大厅", en = "Tax" }}
address = {{ zh = "中山路 1 号", en = "1 Zhongshan Road" }}
"""
NAME = 'name = { zh = "竹溪县", en = "Zhuxi" }\n'


def written(folder: Path, *sites: str, head: str = "", travel: str = "") -> Path:
    path = folder / "county.toml"
    (folder / "travel.csv").write_text(travel, encoding="utf-8")
    path.write_text(NAME + head + "".join(SITE.format(id=site) for site in sites), encoding="utf-8")
    return path


def run(settings: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.county.main", "--settings", str(settings), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def loaded(path: Path, **environment: str) -> CountySettings:
    return load_settings(CountySettings, path).from_folder(path.parent, environment)


def test_the_database_is_sqlite_in_the_data_folder_unless_something_else_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "tax")
    assert loaded(path).database == f"sqlite:///{tmp_path / 'data' / 'county.sqlite'}"
    path = written(tmp_path, "tax", head='database = "postgresql+psycopg://file"\n')
    assert loaded(path).database == "postgresql+psycopg://file"
    assert loaded(path, **{DATABASE_VARIABLE: "postgresql+psycopg://env"}).database == "postgresql+psycopg://env"


@pytest.mark.parametrize(
    ("sites", "told"),
    [
        ([], "sites"),
        (["tax", "tax"], "tax 重复 / stands twice"),
        (["county"], "county 是县平台自己的名字"),
        (["monitor"], "monitor 是县平台自己的名字"),
        (["Tax"], "sites"),
    ],
)
def test_sites_that_cannot_be_are_one_sentence(tmp_path: Path, sites: list[str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        loaded(written(tmp_path, *sites))


@pytest.mark.parametrize(
    ("travel", "told"),
    [
        ("from,to,minutes\ntax,police,10\n", "police 没有在 sites 里"),
        ("from,to\n", "第一行应为 from,to,minutes"),
        ("from,to,minutes\ntax,health,soon\n", "line 2"),
    ],
)
def test_travel_times_that_cannot_be_are_one_sentence(tmp_path: Path, travel: str, told: str) -> None:
    path = written(tmp_path, "tax", "health", head='travel = "travel.csv"\n', travel=travel)
    with pytest.raises(SettingsError, match=told):
        loaded(path).ways()


def test_travel_is_as_long_both_ways_unless_both_are_given(tmp_path: Path) -> None:
    travel = "from,to,minutes\ntax,health,10\nhealth,police,5\npolice,health,8\n"
    ways = loaded(written(tmp_path, "tax", "health", "police", head='travel = "travel.csv"\n', travel=travel)).ways()
    assert [ways.between(*way) for way in (("tax", "health"), ("health", "tax"))] == [10, 10]
    assert [ways.between(*way) for way in (("health", "police"), ("police", "health"))] == [5, 8]


@pytest.mark.parametrize("address", ["nonsense", "mysql://county", "postgresql://county"])
def test_a_database_that_cannot_be_is_one_sentence(address: str) -> None:
    with pytest.raises(StoreFault, match=r"数据库(地址不对|应为)"):
        open_county(address)


def test_enrolling_prints_what_goes_into_the_hubs_settings(tmp_path: Path) -> None:
    path = written(tmp_path, "tax", head='host = "192.0.2.1"\nport = 8090\n')
    said = run(path, "enrol", "tax")
    assert said.returncode == 0, said.stderr
    head, url, key = said.stdout.splitlines()
    assert (head, url) == ("[county]", 'url = "http://192.0.2.1:8090"')
    access = CountyAccess(tmp_path / "data")
    assert access.site(key.split('"')[1]) == "tax"
    assert key.split('"')[1] not in (tmp_path / "data" / "county-access.json").read_text(encoding="utf-8")
    assert run(path, "revoke", "tax").returncode == 0
    assert access.site(key.split('"')[1]) is None


def test_a_site_that_is_not_in_the_settings_gets_no_key(tmp_path: Path) -> None:
    said = run(written(tmp_path, "tax"), "enrol", "police")
    assert said.returncode == 2
    assert "police" in said.stderr
    assert "is none of the sites: tax, monitor" in said.stderr


def test_a_new_key_ends_the_old_and_passcodes_are_kept_as_hashes(tmp_path: Path) -> None:
    access = CountyAccess(tmp_path)
    access.prepare()
    first, second = access.enrol("tax"), access.enrol("tax")
    assert isinstance(first, SecretStr)
    assert [access.site(key.get_secret_value()) for key in (first, second)] == [None, "tax"]
    access.set_passcode("manager", "12345678")
    assert [access.role("manager", code) for code in ("12345678", "87654321")] == [True, False]
    assert "12345678" not in (tmp_path / "county-access.json").read_text(encoding="utf-8")


def test_a_site_that_was_forgotten_pushes_its_journal_anew(
    database: str, tmp_path: Path, small_catalogue: Catalogue, request: pytest.FixtureRequest
) -> None:
    address = request.getfixturevalue("postgres").database() if database else ""
    tax, police = (PaperHub(small_catalogue, site) for site in ("tax", "police"))
    with RealCounty(tmp_path, ["tax", "police"], database=address) as county:
        for hub in (tax, police):
            hub.issue()
            county.client(hub.site).push(hub.push())
        server = county.processes[0]
        server.stop()
        again = [*server.command, "forget", "tax"]
        said = subprocess.run(again, capture_output=True, text=True, check=False, env=server.environment)
        assert said.returncode == 0, said.stderr
        [kept] = (tmp_path / "data").glob("tax-*.jsonl")
        assert [Line.model_validate_json(line) for line in kept.read_text("utf-8").splitlines()] == tax.lines
        county.start()
        assert county.view("tax").seq == 0
        assert county.view("police").seq == police.hall.seq
        other = PaperHub(small_catalogue, "tax")
        other.issue("invoice")
        assert county.client("tax").push(other.push()).seq == other.hall.seq
