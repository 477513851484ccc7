"""What can happen to a file: damage, an old or a foreign copy, loss, and wrong rights."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True)
class Copies:
    """Other files of the same name: an older copy, and that of another site."""

    older: Path
    foreign: Path


Harm = Callable[[Path, Copies], None]


def state_of(path: Path) -> tuple[int | None, bytes | None, bool]:
    """Return what a server finds at a path: kind and rights, content, and whether something was moved away."""
    moved = path.with_name("moved").exists()
    if not path.exists():
        return None, None, moved
    mode = path.stat().st_mode
    return mode, path.read_bytes() if path.is_file() and mode & 0o444 else None, moved


def flip(path: Path, copies: Copies, *, at: float) -> None:  # noqa: ARG001 - the form of all harms
    """Flip the bits of sixteen bytes at a part of the file."""
    content = bytearray(path.read_bytes())
    first = int(max(0, len(content) - 16) * at)
    content[first : first + 16] = bytes(byte ^ 0xFF for byte in content[first : first + 16])
    _overwrite(path, bytes(content))


def cut(path: Path, copies: Copies, *, to: float) -> None:  # noqa: ARG001
    """Cut the file off."""
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * to))


def zero(path: Path, copies: Copies, *, part: float) -> None:  # noqa: ARG001
    """Write zeros over the beginning."""
    content = path.read_bytes()
    count = int(len(content) * part)
    _overwrite(path, bytes(count) + content[count:])


def put(path: Path, copies: Copies, *, content: bytes) -> None:  # noqa: ARG001
    """Put a file of another format in its place."""
    _overwrite(path, content)


def other_database(path: Path, copies: Copies) -> None:  # noqa: ARG001
    """Put another program's database in its place."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE journal (note TEXT)")


def copy_over(path: Path, copies: Copies, *, which: str) -> None:
    """Write a copy over the file, as ``cp`` does."""
    source: Path = getattr(copies, which)
    if source.is_dir():
        shutil.rmtree(path)
        shutil.copytree(source, path)
    elif source.exists():
        _overwrite(path, source.read_bytes())


def copy_instead(path: Path, copies: Copies, *, which: str) -> None:
    """Put a copy in the file's place, as an editor or ``mv`` does."""
    source: Path = getattr(copies, which)
    if source.exists() and not source.is_dir():
        made = path.with_name("made")
        shutil.copyfile(source, made)
        made.replace(path)
    else:
        copy_over(path, copies, which=which)


def delete(path: Path, copies: Copies) -> None:  # noqa: ARG001
    """Delete the file or folder."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def move(path: Path, copies: Copies) -> None:  # noqa: ARG001
    """Move it to another name."""
    path.rename(path.with_name("moved"))


def folder_instead(path: Path, copies: Copies) -> None:
    """Put a folder in a file's place, or a file in a folder's."""
    was_folder = path.is_dir()
    delete(path, copies)
    path.write_bytes(b"") if was_folder else path.mkdir()


def rights(path: Path, copies: Copies, *, mode: int) -> None:  # noqa: ARG001
    """Change who may read and write."""
    path.chmod(mode | (0o111 if path.is_dir() and mode else 0))


def _overwrite(path: Path, content: bytes) -> None:
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(content)
        file.truncate()


ON_FOLDERS: Mapping[str, Harm] = MappingProxyType(
    {
        "deleted": delete,
        "moved": move,
        "a file instead": folder_instead,
        "unreadable": partial(rights, mode=0),
        "read-only": partial(rights, mode=0o444),
        "an older copy": partial(copy_over, which="older"),
        "another site's": partial(copy_over, which="foreign"),
    }
)
ON_FILES: Mapping[str, Harm] = MappingProxyType(
    {
        **{f"bytes flipped at {at:.1%}": partial(flip, at=at) for at in (0, 0.03, 0.3, 0.6, 0.97, 1)},
        **{f"cut to {to:.1%}": partial(cut, to=to) for to in (0, 0.001, 0.1, 0.5, 0.9, 0.999)},
        "zeros": partial(zero, part=1),
        "zeros at the beginning": partial(zero, part=0.1),
        "a text": partial(put, content="不是数据库\n".encode() * 300),
        "JSON": partial(put, content=b"[]"),
        "UTF-16": partial(put, content="a = 1".encode("utf-16")),
        "another program's database": other_database,
        "an older copy written over it": partial(copy_over, which="older"),
        "an older copy instead": partial(copy_instead, which="older"),
        "another site's written over it": partial(copy_over, which="foreign"),
        "another site's instead": partial(copy_instead, which="foreign"),
        "deleted": delete,
        "moved": move,
        "a folder instead": folder_instead,
        "unreadable": partial(rights, mode=0),
        "read-only": partial(rights, mode=0o444),
    }
)
