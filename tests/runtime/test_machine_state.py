"""What a device reports of its machine: this one, and one with the files of a Raspberry Pi."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime import machine_state as m


def test_this_machine_has_an_uptime_a_disk_and_the_address_that_reaches_the_hub() -> None:
    state = m.machine_state(towards="127.0.0.1")
    assert state.up_s > 0
    assert state.disk_free_mb > 0
    assert state.address == "127.0.0.1"


def test_no_name_is_resolved() -> None:
    """A name server that is away would stop a screen for seconds at each heartbeat."""
    assert m.machine_state(towards="localhost").address == ""
    assert m.machine_state(towards="").address == ""


@pytest.mark.parametrize(
    ("temperature", "throttled", "expected"),
    [
        ("48312\n", "0x0\n", (48.3, False)),
        ("61000\n", "0x50005\n", (61.0, True)),
        ("61000\n", "0x50000\n", (61.0, False)),
        ("-2500\n", "none\n", (-2.5, None)),
        ("", "", (None, None)),
    ],
)
def test_temperature_and_voltage_are_a_raspberry_pis_or_unknown(
    temperature: str,
    throttled: str,
    expected: tuple[float | None, bool | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, content in (("TEMPERATURE", temperature), ("THROTTLED", throttled)):
        (tmp_path / name).write_text(content, encoding="ascii")
        monkeypatch.setattr(m, name, tmp_path / name)
    state = m.machine_state(towards="")
    assert (state.temperature_c, state.under_voltage) == expected


def test_a_machine_without_these_files_reports_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEMPERATURE", "THROTTLED"):
        monkeypatch.setattr(m, name, tmp_path / "none")
    state = m.machine_state(towards="")
    assert (state.temperature_c, state.under_voltage) == (None, None)
