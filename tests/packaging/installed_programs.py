"""In a machine that has the packages: imports every compiled module and starts every program (`make deb-all`)."""

from __future__ import annotations

import importlib
import platform
import subprocess
import sys
import tempfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

LIBRARIES = Path(sys.prefix, "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}", "site-packages")
HUB = '[hub]\nurl = "http://192.0.2.10:8080"\ndevice = "{0}"\nkey = "k"\n[broker]\nhost = "192.0.2.10"\n'
NAME = 'name = { zh = "所", en = "Hall" }\n'
SITE = f"""
site = "s"
{NAME}
departments = [{{ id = "police", {NAME.strip()} }}]
areas = [{{ id = "a", {NAME.strip()} }}]
services = [{{ id = "id-card", letter = "A", department = "police", area = "a", {NAME.strip()} }}]
windows = [{{ id = "window-1", label = "1", area = "a", services = ["id-card"], {NAME.strip()} }}]
"""
SETTINGS = {
    "hub": "# defaults\n",
    "county": f'{NAME}[[sites]]\nid = "s"\n{NAME}address = {{ zh = "路", en = "Road" }}\n',
    "kiosk": f'site = "s"\npublic_url = "http://192.0.2.10"\n{HUB.format("kiosk-1")}[printer]\ndriver = "none"\n',
    "display": 'site = "s"\ndevice = "display-1"\nkey = "k"\n[broker]\nhost = "192.0.2.10"\n',
    "window": f'site = "s"\nwindow = "window-1"\nlamp = {{ red = 5, green = 6, blue = 13 }}\nkeys.call = 17\n'
    f"{HUB.format('window-1')}",
}
UNUSED = {"PIL._imagingtk", "kivy.core.window.window_x11"}
"""They need Tk, and X beside SDL: no program of ours uses them."""


def main() -> int:
    """Print a line for each program; exit code 1 when one of them, or a module, does not work."""
    show(f"Python {platform.python_version()}, {platform.machine()}")
    failed = [name for name in compiled_modules() if name not in UNUSED and not imported(name)]
    show(f"{len(compiled_modules())} compiled modules, not imported: {failed}")
    programs = [starts(str(path), "--version") for path in sorted(Path("/usr/bin").glob("jiaohao-*"))]
    return 0 if all([*programs, *settings_checked()]) and not failed else 1


def compiled_modules() -> list[str]:
    """Return the names of all modules that are machine code; psycopg comes before its parts."""
    files = [path.relative_to(LIBRARIES) for path in LIBRARIES.rglob("*.so") if ".libs/" not in str(path)]
    return ["psycopg", *sorted(module_name(".".join(path.parts)) for path in files)]


def module_name(file: str) -> str:
    """Return a file's module; a file for another Python or architecture has none, and fails by its name."""
    return next((file.removesuffix(end) for end in EXTENSION_SUFFIXES if file.endswith(end)), file)


def imported(name: str) -> bool:
    """Whether a module can be imported."""
    try:
        importlib.import_module(name)
    except ImportError as error:
        show(f"✗ {name}: {error}")
        return False
    return True


def settings_checked() -> list[bool]:
    """Whether each role's program reads settings."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for role, text in {**SETTINGS, "site": SITE}.items():
            (folder / f"{role}.toml").write_text(text, encoding="utf-8")
        return [
            starts(f"/usr/bin/jiaohao-{role}", "--settings", f"{folder}/{role}.toml", "--check") for role in SETTINGS
        ]


def starts(*command: str) -> bool:
    """Whether a program ends with exit code 0."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    show(f"{command[0]} {command[-1]}: {done.returncode} {(done.stdout + done.stderr).strip()}")
    return done.returncode == 0


def show(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
