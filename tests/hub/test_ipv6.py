"""Hub and broker on IPv6, and on names that resolve to it; all programs check their settings alike."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from hosts_file import knowing
from ports import LOCAL, free_port
from real_county import RealCounty, until_pushed
from real_hall import RealHall, until

from protocol.settings import server_url
from server.http_server.uvicorn_server import listen


@pytest.mark.parametrize(("host", "reached"), [("::", ("::1", LOCAL)), ("::1", ("::1",))])
def test_a_server_listens_on_ipv6(host: str, reached: tuple[str, ...]) -> None:
    port = free_port()
    with ExitStack() as open_sockets:
        for listening in listen(host, port, file="hub.toml"):
            open_sockets.enter_context(listening).listen()
        for address in reached:
            socket.create_connection((address, port), timeout=20).close()


def test_a_server_listens_on_all_addresses_of_a_name(tmp_path: Path) -> None:
    inside = knowing({"hall.test": f"::1 {LOCAL}"}, tmp_path)
    wanted = "from runtime.listener import bound_sockets as b; print(*[s.getsockname()[0] for s in b('hall.test', 0)])"
    command = [*inside, sys.executable, "-W", "ignore", "-c", wanted]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert set(printed.split()) == {LOCAL, "::1"}


def test_a_hall_works_on_ipv6(tmp_path: Path) -> None:
    with RealHall(tmp_path, host="::1") as hall:
        until(lambda: hall.health().broker_connected, what="the hub is at the broker")
        assert hall.client("kiosk-1").services().services
        assert f"listening on http://[::1]:{hall.port}" in hall.hub.output()


def test_hub_and_county_find_each_other_by_a_name_of_ipv6_alone(tmp_path: Path) -> None:
    inside = knowing({"county.test": "::1", "hall.test": "::1"}, tmp_path)
    with RealCounty(tmp_path / "county", ["tax"], host="::1", name="county.test", inside=inside) as county:
        url = server_url("county.test", county.processes[0].port)
        with county.hub("tax", url=url, host="::1", name="hall.test", inside=inside) as hall:
            until_pushed(hall)


def test_the_demo_takes_a_name_of_ipv6_alone(tmp_path: Path) -> None:
    wanted = "from demo.setup.folders import free_port; print(free_port('hall.test'))"
    command = [*knowing({"hall.test": "::1"}, tmp_path), sys.executable, "-c", wanted]
    assert int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("program", ["hub", "county", "kiosk", "display", "window"])
def test_every_program_checks_its_settings_and_ends_with_78(tmp_path: Path, program: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text("nonsense = 1\n", encoding="utf-8")
    command = [str(Path(sys.executable).parent / f"jiaohao-{program}"), "--settings", str(path), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "nonsense" in done.stderr, "Traceback" in done.stderr) == (78, True, False)


def test_right_settings_are_reported(tmp_path: Path) -> None:
    with RealHall(tmp_path, with_broker=False, start_hub=False) as hall:
        done = subprocess.run([*hall.hub.command, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{hall.settings}: 设置正确 / the settings are right\n")
