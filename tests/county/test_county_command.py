"""``jiaohao-county``: settings, keys and passcodes, as a technician uses them."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from plain_hub import PlainHub, lose_entries
from pydantic import SecretStr
from real_county import RealCounty
from real_hall import until
from real_postgres import RealPostgres
from sqlalchemy import Engine

from protocol.county import JournalLine
from protocol.faults import system_error_text
from protocol.settings import SettingsError, load_settings
from protocol.vocabulary import Text
from runtime.run_command import FAILED, WRONG_SETTINGS
from server.county.access import CountyAccess
from server.county.intake.inbox import CountyInbox
from server.county.intake.known_sites import KnownSites
from server.county.main import main
from server.county.settings import DATABASE_VARIABLE, CountySettings
from server.domain.model.catalogue import Catalogue
from server.runtime.clock import Clock
from server.store.county_database import lock_exclusively, open_county
from server.store.county_store import CountyStore
from server.store.faults import StoreFault

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


Here = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Here:
    """Run the command without a process of its own: exit code, standard output, standard error."""

    def command(settings: Path, *arguments: str) -> tuple[int, str, str]:
        code = main(["--settings", str(settings), *arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return command


def loaded(path: Path, **environment: str) -> CountySettings:
    return load_settings(CountySettings, path).from_folder(path.parent, environment)


def test_the_database_is_sqlite_in_the_data_folder_unless_another_is_set(tmp_path: Path) -> None:
    path = written(tmp_path, "tax")
    assert loaded(path).database == f"sqlite:///{tmp_path / 'data' / 'county.sqlite'}"
    path = written(tmp_path, "tax", head='database = "postgresql+psycopg://file"\n')
    assert loaded(path).database == "postgresql+psycopg://file"
    assert loaded(path, **{DATABASE_VARIABLE: "postgresql+psycopg://env"}).database == "postgresql+psycopg://env"


@pytest.mark.parametrize(
    ("sites", "sentence"),
    [
        ([], "sites"),
        (["tax", "tax"], "tax 重复 / sites.id: tax stands twice"),
        (["county"], "county 是县平台自己的名字"),
        (["monitor"], "monitor 是县平台自己的名字"),
        (["Tax"], "sites"),
    ],
)
def test_sites_that_cannot_be_are_one_sentence(tmp_path: Path, sites: list[str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        loaded(written(tmp_path, *sites))


@pytest.mark.parametrize(
    ("travel", "sentence"),
    [
        ("from,to,minutes\ntax,police,10\n", "police 没有在 sites 里"),
        ("from,to\n", "第一行应为 from,to,minutes"),
        ("from,to,minutes\ntax,health,soon\n", "line 2"),
    ],
)
def test_travel_times_that_cannot_be_are_one_sentence(tmp_path: Path, travel: str, sentence: str) -> None:
    path = written(tmp_path, "tax", "health", head='travel = "travel.csv"\n', travel=travel)
    with pytest.raises(SettingsError, match=sentence):
        loaded(path).travel_times()


def test_travel_is_as_long_both_ways_unless_both_are_given(tmp_path: Path) -> None:
    travel = "from,to,minutes\ntax,health,10\nhealth,police,5\npolice,health,8\n"
    ways = loaded(
        written(tmp_path, "tax", "health", "police", head='travel = "travel.csv"\n', travel=travel)
    ).travel_times()
    assert [ways.between(*way) for way in (("tax", "health"), ("health", "tax"))] == [10, 10]
    assert [ways.between(*way) for way in (("health", "police"), ("police", "health"))] == [5, 8]


@pytest.mark.parametrize(
    "address",
    [
        *("nonsense", "mysql://county", "postgresql://county", "sqlite:///:memory:", "sqlite:////proc/none/county"),
        *("postgresql+psycopg://me:secret@county:port/x", "postgresql+psycopg://127.0.0.1:1/x"),
        *("postgresql+psycopg://me:secret@county:99999/x", "postgresql+psycopg://me:secret@/x?host=county&port=0"),
    ],
)
def test_a_database_that_cannot_be_is_one_sentence_without_its_password(address: str) -> None:
    with pytest.raises(StoreFault, match=r"^数据库(地址不对|应为|文件夹|出错).* / .*the database[^\n]*$") as fault:
        open_county(address)
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_travel_times_that_a_spreadsheet_saved_in_another_encoding_are_to_be_saved_again(
    tmp_path: Path, encoding: str
) -> None:
    path = written(tmp_path, "tax", head='travel = "travel.csv"\n')
    (tmp_path / "travel.csv").write_text("from,to,minutes\n税务,公安,6\n", encoding=encoding)
    with pytest.raises(
        SettingsError,
        match=r"travel.csv: 不是 UTF-8 编码，请在表格软件里另存为 CSV UTF-8 / is not UTF-8: save",
    ):
        loaded(path).travel_times()


def test_an_error_of_the_operating_system_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    ran = run(written(tmp_path, "tax"), "enrol", "tax")
    assert ran.returncode == WRONG_SETTINGS
    data = tmp_path / "data"
    assert ran.stderr == f"jiaohao-county: {data} 不能用：File exists / {data} cannot be used: File exists\n"
    full = Text(zh="磁盘已满，请清理磁盘", en="the disk is full, please make room")
    assert system_error_text(OSError(errno.ENOSPC, "No space left on device")) == full


def test_enrolling_prints_what_goes_into_the_hubs_settings(tmp_path: Path) -> None:
    path = written(tmp_path, "tax", head='host = "192.0.2.1"\nport = 8090\n')
    ran = run(path, "enrol", "tax")
    assert ran.returncode == 0, ran.stderr
    head, url, key = ran.stdout.splitlines()
    assert (head, url) == ("[county]", 'url = "http://192.0.2.1:8090"')
    access = CountyAccess(tmp_path / "data")
    assert access.holder_of(key.split('"')[1]) == "tax"
    assert key.split('"')[1] not in (tmp_path / "data" / "county-access.json").read_text(encoding="utf-8")
    assert run(path, "revoke", "tax").returncode == 0
    assert access.holder_of(key.split('"')[1]) is None


def test_a_site_that_is_not_in_the_settings_gets_no_key_and_is_not_forgotten(tmp_path: Path, here: Here) -> None:
    zh, en = "county.toml 里没有站点 'police'，只有：tax", "county.toml has no site 'police', its sites are: tax"
    sentence = f"jiaohao-county: {zh} / {en}\n"
    path = written(tmp_path, "tax")
    assert here(path, "enrol", "police") == (FAILED, "", sentence)
    assert here(path, "forget", "police") == (FAILED, "", sentence)


def test_enrolling_at_a_county_that_listens_everywhere_leaves_its_address_open(tmp_path: Path, here: Here) -> None:
    _, printed, _ = here(written(tmp_path, "tax"), "enrol", "tax")
    head, note, url, _ = printed.splitlines()
    assert (head, url) == ("[county]", 'url = "http://county.example:8090"')
    assert note.startswith("# 把 county.example 换成")
    assert "put the county's own address in place of county.example" in note


@pytest.mark.parametrize("address", ["mysql://x", "postgresql://u@h/n"])
def test_the_check_refuses_a_database_that_the_server_would_refuse(tmp_path: Path, here: Here, address: str) -> None:
    code, _, error = here(written(tmp_path, "tax", head=f'database = "{address}"\n'), "--check")
    assert code == WRONG_SETTINGS
    assert "the database must be sqlite:///… or postgresql+psycopg://…" in error


def test_the_check_refuses_a_port_that_is_none(tmp_path: Path, here: Here) -> None:
    head = 'database = "postgresql+psycopg://county:secret@db:99999/county"\n'
    code, _, error = here(written(tmp_path, "tax", head=head), "--check")
    assert code == WRONG_SETTINGS
    assert "数据库地址不对：'postgresql+psycopg://***@db:99999/county'" in error


def test_the_check_names_the_database_and_explains_missing_travel_times(tmp_path: Path, here: Here) -> None:
    head = 'database = "postgresql+psycopg://county:secret@db/county"\n'
    _, printed, _ = here(written(tmp_path, "tax", head=head), "--check")
    assert "database: postgresql+psycopg://county:***@db/county" in printed
    assert "no other site is ever offered" in printed
    travel = written(
        tmp_path, "tax", "health", head='travel = "travel.csv"\n', travel="from,to,minutes\ntax,health,9\n"
    )
    assert "offered" not in here(travel, "--check")[1]


def test_forgetting_a_site_without_data_fails_with_a_sentence(tmp_path: Path, here: Here) -> None:
    path = written(tmp_path, "tax")
    code, _, error = here(path, "forget", "tax")
    assert code == FAILED
    database = f"sqlite:///{tmp_path}/data/county.sqlite"
    assert f"{database} 里没有县平台的数据 / {database} holds no county's data" in error
    assert not (tmp_path / "data" / "county.sqlite").exists(), "no empty database is made"
    CountyStore(open_county(loaded(path).database)).close()
    code, _, error = here(path, "forget", "tax")
    assert code == FAILED
    assert "county.sqlite 里没有 tax 的流水，无事可做 / " in error
    assert "county.sqlite has no entry of tax: there is nothing to do" in error
    assert list((tmp_path / "data").glob("*.jsonl")) == []


def test_a_new_key_ends_the_old_and_passcodes_are_kept_as_hashes(tmp_path: Path) -> None:
    access = CountyAccess(tmp_path)
    access.prepare()
    first, second = access.enrol("tax"), access.enrol("tax")
    assert isinstance(first, SecretStr)
    assert [access.holder_of(key.get_secret_value()) for key in (first, second)] == [None, "tax"]
    access.set_passcode("manager", "12345678")
    assert [access.is_passcode("manager", code) for code in ("12345678", "87654321")] == [True, False]
    assert "12345678" not in (tmp_path / "county-access.json").read_text(encoding="utf-8")


def test_a_site_that_was_forgotten_pushes_its_journal_anew(
    database: str, tmp_path: Path, small_catalogue: Catalogue, request: pytest.FixtureRequest
) -> None:
    address = request.getfixturevalue("postgres").database() if database else ""
    tax, police = (PlainHub(small_catalogue, site) for site in ("tax", "police"))
    with RealCounty(tmp_path, ["tax", "police"], database=address) as county:
        for hub in (tax, police):
            hub.issue()
            county.client(hub.site).push(hub.push())
        server = county.processes[0]
        forget = partial(
            subprocess.run,
            [*server.command, "forget", "tax"],
            capture_output=True,
            text=True,
            check=False,
            env=server.environment,
        )
        refused = forget()
        assert refused.returncode == FAILED
        assert "another jiaohao-county is using" in refused.stderr
        assert list((tmp_path / "data").glob("tax-*.jsonl")) == []
        server.stop()
        ran = forget()
        assert ran.returncode == 0, ran.stderr
        assert f" / {len(tax.lines)} entries were moved to " in ran.stdout
        [kept] = (tmp_path / "data").glob("tax-*.jsonl")
        assert [JournalLine.model_validate_json(line) for line in kept.read_text("utf-8").splitlines()] == tax.lines
        county.start()
        assert county.view("tax").seq == 0
        assert county.view("police").seq == police.hall.seq
        other = PlainHub(small_catalogue, "tax")
        other.issue("invoice")
        assert county.client("tax").push(other.push()).seq == other.hall.seq


def test_every_command_says_who_holds_what(tmp_path: Path, here: Here, small_catalogue: Catalogue) -> None:
    path = written(tmp_path, "tax", "police")
    hub = PlainHub(small_catalogue, "tax")
    hub.open()
    newest = hub.hall.seq
    engines = open_county(loaded(path).database)
    store = CountyStore(engines)
    store.prepare(["tax", "police"])
    known_sites = KnownSites(store, ["tax", "police"], clock=Clock(), on_change=lambda *_: None)
    inbox = CountyInbox(store, known_sites, clock=Clock())

    def output(command: str) -> str:
        code, text, _ = here(path, *command.split())
        assert code == 0
        return text

    inbox.accept("tax", hub.push())
    tax, police = output("sites").splitlines()
    assert tax.startswith(f"tax: 县里有到第 {newest} 条（")
    assert tax.endswith("; so has the hub")
    assert police == "police: 还没有流水 / no journal yet"

    lose_entries(engines, hub, kept=2)
    known_sites.refresh()
    for command in ("sites", "rebuild tax"):
        assert f"站点还有 3–{newest}，县里没有，等它上报 / " in output(command)
        assert f"the hub also has 3–{newest}, which it is to push again" in output(command)

    inbox.accept("tax", hub.push(after=2))
    assert "; so has the hub" in output("rebuild tax")

    inbox.accept("tax", hub.push(after=2, upto=2).model_copy(update={"newest": 2}))  # it goes on from an old copy
    for command in ("sites", "rebuild tax"):
        assert f"站点没有 3–{newest}，重启它以取回 / " in output(command)
    store.close()  # nobody forgets while a server has the database open
    assert f"the hub lacks 3–{newest}: they are in this file alone" in output("forget tax")


def test_a_site_forgotten_under_a_running_server_is_taken_anew(tmp_path: Path, small_catalogue: Catalogue) -> None:
    with RealCounty(tmp_path, ["tax"]) as county:
        tax, other = PlainHub(small_catalogue, "tax"), PlainHub(small_catalogue, "tax")
        tax.issue()
        county.client("tax").push(tax.push())
        store = CountyStore(open_county(county.database))
        store.forget("tax", tmp_path / "kept.jsonl")
        store.close()
        for _ in range(3):
            other.issue("invoice")
        assert county.client("tax").push(other.push()).seq == other.hall.seq
        assert county.view("tax").seq == other.hall.seq


def test_no_server_begins_while_a_site_is_being_forgotten_and_none_is_forgotten_under_one(
    postgres: RealPostgres,
) -> None:
    address = postgres.database()
    other = open_county(address).writer
    with other.begin() as forgetting:
        lock_exclusively(forgetting)
        with pytest.raises(StoreFault, match="jiaohao-county forget is using the database"):
            open_county(address, serving=True)
    servers = [open_county(address, serving=True).writer for _ in range(2)]
    servers[0].dispose()
    assert not alone(other)
    servers[1].dispose()
    until(lambda: alone(other), what="no server is left")
    other.dispose()


def alone(engine: Engine) -> bool:
    """Whether no server uses a database."""
    try:
        with engine.begin() as connection:
            lock_exclusively(connection)
    except StoreFault:
        return False
    return True
