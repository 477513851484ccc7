"""What every step is: one change of the system."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from installation.machine import Machine
from protocol.vocabulary import Text
from runtime.owned_files import replace_file

MODE = 0o644


class SystemStep(ABC):
    """One change of the system, with the sentence of what it is good for."""

    purpose: Text

    @abstractmethod
    def is_done(self) -> bool:
        """Whether the system is so."""

    @abstractmethod
    def do(self) -> None:
        """Make it so. Raises OSError."""

    @abstractmethod
    def undo(self) -> None:
        """Put it back as it was without this program. Raises OSError."""

    def check(self) -> list[Text]:
        """Return a sentence for each thing that is not so."""
        return [] if self.is_done() else [not_done(self.purpose)]


def not_done(purpose: Text) -> Text:
    """Return the sentence for a step that is not done, or was undone by somebody."""
    return Text(
        zh=f"{purpose.zh}：没有做好，请再运行 sudo jiaohao-setup",
        en=f"{purpose.en}: not so, run sudo jiaohao-setup again",
    )


class FileStep(SystemStep):
    """A step that is files alone: texts, or links (a path), and the commands by which the system takes them."""

    def __init__(
        self,
        machine: Machine,
        *,
        purpose: Text,
        files: Mapping[str, str | Path],
        commands: Sequence[Sequence[str]] = (),
        undo_commands: Sequence[Sequence[str]] | None = None,
        verify: Callable[[], list[Text]] = list,
    ) -> None:
        self.purpose = purpose
        self._machine = machine
        self._files = files
        self._commands = commands
        self._undo_commands = commands if undo_commands is None else undo_commands
        self._verify = verify

    def is_done(self) -> bool:
        """Whether every file is as it should be."""
        return all(_is(self._machine.path(name), content) for name, content in self._files.items())

    def do(self) -> None:
        """Write the files, and have the system take them."""
        for name, content in self._files.items():
            _put(self._machine.path(name), content)
        self._run(self._commands)

    def undo(self) -> None:
        """Remove the files, and have the system go on without them."""
        present = [path for name in self._files if _is_there(path := self._machine.path(name))]
        for path in present:
            path.unlink()
        if present:
            self._run(self._undo_commands)

    def check(self) -> list[Text]:
        """Return what is not so."""
        return super().check() or self._verify()

    def _run(self, commands: Sequence[Sequence[str]]) -> None:
        for command in commands:
            self._machine.run(*command)


def _is(path: Path, content: str | Path) -> bool:
    if isinstance(content, Path):
        return path.is_symlink() and path.readlink() == content
    return path.is_file() and path.read_text(encoding="utf-8", errors="replace") == content


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _put(path: Path, content: str | Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        replace_file(path, content, mode=MODE)
        return
    partial = path.with_name(f".{path.name}.new")
    partial.unlink(missing_ok=True)
    os.symlink(content, partial)
    partial.replace(path)
