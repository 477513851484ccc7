"""``jiaohao-setup restore`` puts a backup in place on a new machine and sets it up as that hub."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from real_hall import RealHall

from installation.commands import FILE_COMMANDS
from installation.machine import Machine
from installation.machine_setup import known_roles
from installation.terminal import Terminal
from protocol.settings import load_settings
from protocol.vocabulary import Language
from server.hub import admin
from server.hub.settings import HubSettings


def test_a_new_machine_is_the_hub_of_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hall").mkdir()
    with RealHall(tmp_path / "hall", with_broker=False) as hall:
        settings = ["--settings", str(hall.settings)]
        assert [admin.main([*settings, command]) for command in ("backup", "backup-key")] == [0, 0]
        key = capsys.readouterr().out.splitlines()[-1]
        backup = next((hall.data / "backup").glob("*.age"))
        machine = Machine(tmp_path / "new")
        machine.settings_file("hub").parent.mkdir(parents=True)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{key}\n"))
        at_old = load_settings(HubSettings, hall.settings)
        assert not at_old.data.is_absolute()
        assert FILE_COMMANDS["restore"](machine, Terminal(Language.EN), backup) == 0

    assert "all is well" in capsys.readouterr().out
    assert [str(role) for role in known_roles(machine)] == ["hub"]
    restored = load_settings(HubSettings, machine.settings_file("hub"))
    assert restored.model_dump() == at_old.model_dump()
    assert (machine.settings_file("hub").parent / restored.data / "hall.sqlite").stat().st_size > 0
