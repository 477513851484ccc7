"""No byte of a support bundle has a key of the machine."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
from real_hall import COUNTY_HALL

from installation.answers.complete_answers import complete_answers
from installation.answers.setup_answers import MachineRole
from installation.machine import Machine
from installation.machine_setup import MachineSetup
from installation.upkeep.machine_secrets import secrets_of_settings
from installation.upkeep.support_bundle import write_bundle
from protocol.text.toml_text import parse_toml
from protocol.vocabulary import Text
from server.hub.backup.backup_key import read_or_make_key

ANSWERS: dict[str, Any] = {
    "hub": {"site_file": str(COUNTY_HALL), "tls": False},
    "county": {"county_file": str(COUNTY_HALL.with_name("county.toml"))},
    "kiosk": {"printer": "none"},
    "window": {"window": "window-1"},
}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path / "root")
    answers = complete_answers(ANSWERS, tuple(MachineRole), machine, None)
    list(MachineSetup(machine, answers).set_up())
    return machine


def members(bundle: Path) -> dict[str, bytes]:
    """The files of a bundle."""
    with tarfile.open(bundle) as opened:
        return {member.name: opened.extractfile(member).read() for member in opened}  # type: ignore[union-attr]


def test_no_key_of_the_machine_is_in_it(machine: Machine, tmp_path: Path) -> None:
    backup_key = str(read_or_make_key(machine.path("/var/lib/jiaohao")))
    settings = {path.name: parse_toml(path.read_bytes()) for path in machine.path("/etc/jiaohao").glob("*.toml")}
    hub_key = machine.path("/var/lib/jiaohao/hub.key").read_text(encoding="ascii")
    keys = [
        settings["kiosk.toml"]["hub"]["key"],
        settings["display.toml"]["key"],
        settings["hub.toml"]["county"]["key"],
    ]
    machine.path("/etc/os-release").write_text(f"a log that shows {hub_key} and {keys[0]}", encoding="utf-8")

    bundle = write_bundle(machine, tmp_path / "bundle.tar.gz", [Text(zh=f"坏了 {keys[1]}", en="broken")])

    contents = members(bundle)
    everything = b"\n".join([*contents.values(), *(name.encode() for name in contents), bundle.read_bytes()])
    for secret in (backup_key, hub_key, *keys):
        assert secret.encode() not in everything
    assert b'device = "kiosk-1"' in contents["jiaohao-support/settings/kiosk.toml"]
    assert contents["jiaohao-support/checks.txt"] == "坏了 [removed] / broken\n".encode()
    assert bundle.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('[hub]\nkey = "abcdefgh"\n', "abcdefgh"),
        ('key = "abcdefgh"\n[broken', "abcdefgh"),
        ('database = "postgresql+psycopg://user:pass-word@db/name"\n', "pass-word"),
        ("JIAOHAO_COUNTY_DATABASE=postgresql+psycopg://user:pass-word@db/name\n", "pass-word"),
    ],
)
def test_a_secret_is_found_in_every_kind_of_settings(text: str, secret: str) -> None:
    assert secret in set(secrets_of_settings(text.encode()))
