"""``jiaohao-setup`` writes the settings of a machine below a folder; the commands of the system are not run there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from real_hall import COUNTY_HALL

from installation.answers.complete_answers import complete_answers
from installation.answers.setup_answers import MachineRole
from installation.machine import Machine
from installation.machine_setup import MachineSetup, answers_with_remembered, known_roles
from kiosk.settings import KioskSettings
from protocol.settings import SettingsError, load_settings
from protocol.text.toml_text import parse_toml
from protocol.vocabulary import Text
from server.authority.authority import open_authority
from server.hub.access import Access
from server.hub.settings import HubSettings

ALL = tuple(MachineRole)
LOCAL: dict[str, Any] = {
    "hub": {"site_file": str(COUNTY_HALL), "tls": False},
    "county": {"county_file": str(COUNTY_HALL.with_name("county.toml"))},
    "kiosk": {"printer": "10.0.0.9"},
    "window": {"window": "window-3"},
}
KIOSK = (MachineRole.KIOSK,)
ENROLLED = """\
site = "main-hall"
# what follows is the hub's
hub = { url = "http://10.0.0.5:8080", device = "kiosk-1", key = "abcdefgh" }

[printer]
driver = "none"
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that is a folder, its data folders too."""
    return Machine(tmp_path / "root")


@pytest.fixture
def kiosk(machine: Machine) -> Machine:
    """The machine of a kiosk that was enrolled at a hub elsewhere."""
    file = machine.settings_file("kiosk")
    file.parent.mkdir(parents=True)
    file.write_text(ENROLLED, encoding="utf-8")
    return machine


def set_up(machine: Machine, roles: tuple[MachineRole, ...], given: dict[str, Any]) -> list[Text]:
    """Set up without a person at the terminal; return what was changed."""
    answers = complete_answers(answers_with_remembered(given, machine), roles, machine, None)
    return list(MachineSetup(machine, answers).set_up())


def files(machine: Machine) -> dict[str, tuple[bytes, int]]:
    """Every file of the machine, with its time."""
    found = (path for path in machine.root.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def test_every_role_on_one_machine_has_settings_and_a_key(machine: Machine) -> None:
    set_up(machine, ALL, LOCAL)

    hub = load_settings(HubSettings, machine.settings_file("hub")).from_folder(machine.settings_file("hub").parent)
    access = Access(machine.path(str(hub.data)), site="main-hall")
    assert {name: str(kind) for name, kind in access.devices().items()} == {
        "kiosk-1": "kiosk",
        "display-1": "display",
        "window-3": "window",
    }
    kiosk = load_settings(KioskSettings, machine.settings_file("kiosk"))
    assert access.holder_of(kiosk.hub.key.get_secret_value()) is not None
    assert kiosk.hub.url == "http://127.0.0.1:8080"
    assert kiosk.public_url == "http://127.0.0.1:8080"
    assert hub.county is not None
    assert known_roles(machine) == ALL
    assert MachineSetup(machine, complete_answers({}, ALL, machine, None)).sentences() == []


def test_a_second_run_changes_nothing(machine: Machine) -> None:
    set_up(machine, ALL, LOCAL)
    before = files(machine)
    assert set_up(machine, ALL, LOCAL) == []
    assert set_up(machine, ALL, {}) == []
    assert files(machine) == before


def test_a_hub_trusts_the_county_of_its_machine_when_that_encrypts(machine: Machine) -> None:
    set_up(machine, ALL, LOCAL)
    county = machine.settings_file("county")
    county.write_text(f"{county.read_text(encoding='utf-8')}\n[tls]\n", encoding="utf-8")
    for _ in range(2):
        set_up(machine, ALL, {})
        hub = load_settings(HubSettings, machine.settings_file("hub")).from_folder(county.parent)
        assert hub.county is not None
        assert (hub.county.url, hub.county.ca) == ("https://127.0.0.1:8090", county.parent / "county-ca.pem")
    trusted = (county.parent / "county-ca.pem").read_text(encoding="ascii")
    assert trusted == open_authority(machine.path("/var/lib/jiaohao-county")).pem


def test_what_a_technician_wrote_by_hand_stays_and_the_former_file_is_kept(kiosk: Machine) -> None:
    file = kiosk.settings_file("kiosk")
    set_up(kiosk, KIOSK, {})
    assert file.read_text(encoding="utf-8") == ENROLLED

    set_up(kiosk, KIOSK, {"kiosk": {"printer": "10.0.0.9", "settings": {"patience": {"idle_s": 90}}}})
    written = parse_toml(file.read_bytes())
    assert written["patience"] == {"idle_s": 90}
    assert written["printer"] == {"driver": "network", "host": "10.0.0.9"}
    assert "# what follows is the hub's" in file.read_text(encoding="utf-8")
    assert file.with_name("kiosk.toml.before").read_text(encoding="utf-8") == ENROLLED


def test_a_device_of_a_hub_elsewhere_needs_its_address_and_a_code(machine: Machine) -> None:
    with pytest.raises(SettingsError) as missing:
        set_up(machine, KIOSK, {"kiosk": {"printer": "none"}})
    assert [s.en.split()[2] for s in missing.value.sentences] == ["hub_address", "kiosk.code"]


def test_nothing_is_replaced_by_what_a_program_could_not_read(kiosk: Machine) -> None:
    file = kiosk.settings_file("kiosk")
    with pytest.raises(SettingsError, match=r"kiosk.toml: printer.paper_mm"):
        set_up(kiosk, KIOSK, {"kiosk": {"settings": {"printer": {"paper_mm": 70}}}})
    assert file.read_text(encoding="utf-8") == ENROLLED
    assert [path.name for path in file.parent.iterdir()] == ["kiosk.toml"]


def test_a_question_comes_again_until_its_answer_is_possible(machine: Machine) -> None:
    typed = iter(["not a host!", "10.0.0.5", "auto-", "", "K7M2QX-09FGTW-3DHZ8A"])
    questions: list[str] = []

    def prompt(text: Text, default: str | None) -> str:
        questions.append(f"{text.en} [{default}]")
        return next(typed)

    answers = complete_answers({}, (MachineRole.KIOSK,), machine, prompt)
    assert questions[:2] == ["address of the hub [None]"] * 2
    assert (answers.hub_address, answers.kiosk.rotation, answers.kiosk.printer) == ("10.0.0.5", 0, "auto-")


def test_undoing_takes_back_what_was_changed_and_keeps_settings_and_data(machine: Machine) -> None:
    set_up(machine, ALL, LOCAL)
    settings = machine.settings_file("hub").read_bytes()
    MachineSetup(machine, complete_answers({}, ALL, machine, None)).undo()
    list(MachineSetup(machine, complete_answers({}, ALL, machine, None)).undo())

    left = {path.relative_to(machine.root).as_posix() for path in machine.root.rglob("*") if not path.is_dir()}
    assert {path.split("/")[1] for path in left if path.startswith("etc/")} == {"jiaohao"}
    assert "etc/jiaohao/firewall.nft" not in left
    assert machine.settings_file("hub").read_bytes() == settings


def test_a_hardware_watchdog_is_used_where_there_is_one(kiosk: Machine) -> None:
    (kiosk.root / "dev").mkdir()
    (kiosk.root / "dev" / "watchdog").touch()
    set_up(kiosk, KIOSK, {})
    drop_in = kiosk.path("/etc/systemd/system.conf.d/jiaohao.conf")
    assert drop_in.read_text(encoding="utf-8") == "[Manager]\nRuntimeWatchdogSec=15s\n"


def test_no_key_of_a_screen_leads_to_a_login(kiosk: Machine) -> None:
    set_up(kiosk, KIOSK, {})
    units = kiosk.path("/etc/systemd/system")
    masked = {path.name for path in units.iterdir() if path.readlink() == Path("/dev/null")}
    assert masked == {"ctrl-alt-del.target", "getty@tty1.service"}
    assert "ReserveVT=0" in kiosk.path("/etc/systemd/logind.conf.d/jiaohao.conf").read_text(encoding="utf-8")


def test_a_hub_that_is_there_keeps_its_folder_and_the_description_it_names(machine: Machine) -> None:
    hub = machine.settings_file("hub")
    hub.parent.mkdir(parents=True)
    hub.write_text('catalogue = "tax.toml"\n', encoding="utf-8")
    hub.with_name("tax.toml").write_bytes(COUNTY_HALL.with_name("tax.toml").read_bytes())
    set_up(machine, (MachineRole.HUB,), LOCAL)
    assert hub.read_text(encoding="utf-8") == 'catalogue = "tax.toml"\n'
    assert not hub.with_name("site.toml").exists()
