"""A hub joins its county by a code: it gets a key and the county's authority, and sends nothing to anybody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import urllib3
from real_county import RealCounty, named, until_pushed
from real_hall import PATIENT_S, SMALL_HALL, RealHall

from protocol.clients.enrolment_client import EnrolmentFault, ServerPlace, join
from protocol.enrolment_code import parse_code
from protocol.settings import load_settings
from protocol.vocabulary import SiteId
from server.authority.authority import open_authority
from server.county import main as county_command
from server.hub import admin
from server.hub.settings import HubSettings

HOST = "127.0.0.2"
TAX = SiteId("tax")


class EncryptedCounty(RealCounty):
    """A county with ``[tls]``, at an address that its certificate has only when the settings name it."""

    def __init__(self, folder: Path, sites: Sequence[str], **more: Any) -> None:
        super().__init__(folder, sites, host=HOST, **more)
        self.settings = folder / "county-1.toml"
        ca = folder / "ca.pem"
        ca.write_text(open_authority(folder / "data").pem, encoding="ascii")
        self.certified([])
        self._http = urllib3.PoolManager(
            ca_certs=str(ca), assert_hostname="localhost", timeout=PATIENT_S, retries=False
        )

    def certified(self, names: list[str]) -> None:
        """Have these names beside the machine's own in the certificate from the next start on."""
        sound = self.settings.read_text(encoding="utf-8").partition("[tls]")[0]
        self.settings.write_text(f"{sound}[tls]\nnames = {names}\n", encoding="utf-8")

    def url(self, process: Any = None) -> str:
        """Return the county's URL."""
        return super().url(process).replace("http:", "https:")

    @property
    def place(self) -> str:
        """What a technician types."""
        return f"{HOST}:{self.processes[0].port}"

    def code(self, site: str, capsys: pytest.CaptureFixture[str]) -> str:
        """Return the code that ``jiaohao-county code`` prints."""
        assert county_command.main(["--settings", str(self.settings), "code", site]) == 0
        return capsys.readouterr().out.splitlines()[0]


@pytest.fixture
def county(tmp_path: Path) -> Iterator[EncryptedCounty]:
    with EncryptedCounty(tmp_path / "county", ["tax", "police"]) as county:
        yield county


def lone_hall(folder: Path, site: str) -> RealHall:
    """A hall that belongs to no county."""
    folder.mkdir()
    changes = {
        'site = "small-hall"': f'site = "{site}"',
        'zh = "小厅", en = "Small hall"': f'zh = "{named(site).zh}", en = "{named(site).en}"',
    }
    return RealHall(folder, catalogue=SMALL_HALL, changes=changes, with_broker=False, start_hub=False)


def join_by_code(hall: RealHall, county: EncryptedCounty, code: str) -> int:
    return admin.main(["--settings", str(hall.settings), "join", county.place, code])


def test_a_hub_joins_by_a_code_and_pushes_its_journal(
    county: EncryptedCounty, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lone_hall(tmp_path / "tax", "tax") as hall, lone_hall(tmp_path / "police", "police") as other:
        code = county.code("tax", capsys)
        before = hall.settings.read_text(encoding="utf-8")
        assert join_by_code(hall, county, code) == 1
        assert f'does not have {HOST}: write names = ["{HOST}"] under [tls] in county.toml' in capsys.readouterr().err
        county.certified([HOST])
        county.processes[0].stop()
        county.start()
        assert join_by_code(other, county, code) == 1
        assert "or for another site" in capsys.readouterr().err
        assert hall.settings.read_text(encoding="utf-8") == before

        assert join_by_code(hall, county, code) == 0
        assert "tax has joined the county" in capsys.readouterr().out
        written = load_settings(HubSettings, hall.settings).from_folder(hall.folder)
        assert written.county is not None
        assert (written.county.url, written.county.ca) == (county.url(), hall.folder / "county-ca.pem")
        assert hall.settings.read_text(encoding="utf-8").startswith(before.strip())
        assert hall.settings.stat().st_mode & 0o777 == 0o640
        hall.start_hub()
        until_pushed(hall)
        assert join_by_code(hall, county, code) == 1
        assert "has been used already" in capsys.readouterr().err


def test_a_code_of_another_county_is_refused_before_it_is_sent(
    county: EncryptedCounty, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with EncryptedCounty(tmp_path / "other", ["tax"]) as other:
        code = parse_code(other.code("tax", capsys))
        with pytest.raises(EnrolmentFault, match="or another server than the county that made it answers"):
            join(ServerPlace(HOST, county.processes[0].port), code, TAX)


def test_a_county_that_does_not_encrypt_makes_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RealCounty(tmp_path, ["tax"]) as plain:
        settings = str(tmp_path / "county-1.toml")
        assert county_command.main(["--settings", settings, "code", "tax"]) == 1
        assert "county.toml has no [tls]" in capsys.readouterr().err
        assert plain.request("GET", "/v1/authority").json()["error"] == "tls_off"
        assert not (tmp_path / "data" / "authority").exists()
        assert county_command.main(["--settings", settings, "code", "nowhere"]) == 1
