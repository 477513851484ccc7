"""``.venv`` is made from the lock file, once and whole; what is in the way is one sentence."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from demo import environment

pytestmark = pytest.mark.timeout(300)  # a Raspberry Pi takes a while to make an environment

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "itself-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("itself.py", "")
        wheel.writestr("itself-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: itself\\nVersion: 1.0\\n")
        wheel.writestr("itself-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any")
        wheel.writestr("itself-1.0.dist-info/RECORD", "")
    return name
"""
METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: little\nVersion: 1.0\n",
    "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "RECORD": "",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one locked package, which lies in a folder instead of on the network."""
    (tmp_path / "demo").mkdir()
    shutil.copy(environment.__file__, tmp_path / "demo")
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "backend.py").write_text(BACKEND)
    (tmp_path / "wheels").mkdir()
    wheel = tmp_path / "wheels" / "little-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("little.py", "")
        for name, text in METADATA.items():
            archive.writestr(f"little-1.0.dist-info/{name}", text)
    (tmp_path / "lock").mkdir()
    for which in ("demo", "dev"):
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (tmp_path / "lock" / f"{which}.txt").write_text(f"little==1.0 \\\n    --hash=sha256:{digest}\n")
    return tmp_path


def make(project: Path, which: str, *, before: str = "", **variables: str) -> tuple[int, str]:
    """Run the program as ``make`` does, after some lines of Python; return the exit code and the output."""
    path = project / "demo" / "environment.py"
    run = f"sys.argv = [{str(path)!r}, {which!r}]\nrunpy.run_path(sys.argv[0], run_name='__main__')"
    local = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(project / "wheels"), "PIP_CONFIG_FILE": os.devnull}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import runpy, sys\n{before}\n{run}"],
        env={**kept, **local, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def imports(project: Path, *names: str) -> bool:
    """Whether the environment has these modules."""
    python = project / ".venv" / "bin" / "python"
    return subprocess.run([python, "-c", f"import {', '.join(names)}"], cwd="/", check=False).returncode == 0


def stamps(project: Path) -> set[str]:
    return {name for name in ("demo", "dev") if (project / ".venv" / name).exists()}


def test_from_no_network_to_a_whole_environment_and_on(project: Path) -> None:
    no_network = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": "http://127.0.0.1:9/"}
    code, output = make(project, "demo", **no_network)
    assert (code, output.splitlines()[-1]) == (1, f"✗ {environment.NO_NETWORK}")
    assert stamps(project) == set()

    half_made = project / ".venv" / "half-made"
    half_made.touch()
    code, output = make(project, "demo")
    assert code == 0, output
    assert [line.split()[0] for line in output.splitlines()[1:3]] == ["1/3", "3/3"]
    assert output.splitlines()[-1].startswith("✓ 运行环境好了")
    assert not half_made.exists()
    assert imports(project, "little", "itself")
    assert stamps(project) == {"demo"}
    assert make(project, "demo") == (0, ""), "what is whole is left alone"

    kept = project / ".venv" / "kept"
    kept.touch()
    code, output = make(project, "dev")
    assert code == 0, output
    assert kept.exists(), "what was whole is built upon"
    assert stamps(project) == {"demo", "dev"}, "what has everything serves the demo too"

    assert make(project, "demo") == (0, "")
    (project / "lock" / "dev.txt").write_text("unheard-of==1.0 --hash=sha256:0\n")
    code, output = make(project, "dev")
    assert (code, output.splitlines()[-1]) == (1, "✗ " + environment.UNKNOWN.format(project / ".venv" / "install.log"))
    assert stamps(project) == set(), "it is not whole any more"


def test_an_environment_from_elsewhere_is_made_again_and_only_locked_packages_are_let_in(project: Path) -> None:
    broken = project / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.write_text("")
    (project / ".venv" / "demo").write_text(f"/somewhere/else {sys.version}\n")
    (project / "lock" / "demo.txt").write_text(f"little==1.0 --hash=sha256:{'0' * 64}\n")

    code, output = make(project, "demo")

    assert (code, output.splitlines()[-1]) == (1, f"✗ {environment.NOT_THE_LOCK}")
    assert not imports(project, "little")


def test_without_python3_venv_the_package_is_named(project: Path) -> None:
    nothing = project / "nothing"
    nothing.mkdir()

    code, output = make(project, "demo", before="sys.modules['ensurepip'] = None", PATH=str(nothing))

    assert (code, output.splitlines()[-1]) == (1, f"✗ {environment.NO_VENV}")
    assert "sudo apt install python3-venv" in output


def test_an_older_python_ends_with_the_needed_version(project: Path) -> None:
    code, output = make(project, "demo", before="sys.version_info = (3, 9, 2)\nsys.version = '3.9.2 (old)'")

    assert (code, output) == (1, f"✗ {environment.TOO_OLD.format('3.9.2')}\n")


def test_pip_on_a_full_disk_is_a_sentence() -> None:
    log = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"

    assert environment.failure_sentence(log, otherwise="") == environment.DISK_FULL
