"""What the commands print, and the questions that they put, in one language or in both."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from protocol.vocabulary import Language, Text
from runtime.run_command import CommandFailed

GREEN, RED = "✓", "✗"


class Terminal:
    """The technician's terminal; ``language`` None: both, Chinese first."""

    def __init__(self, language: Language | None) -> None:
        self._language = language

    def line(self, text: Text, *, mark: str = " ") -> None:
        """Print one sentence."""
        sys.stdout.write(f"{mark} {self.worded(text)}\n")
        sys.stdout.flush()

    def worded(self, text: Text) -> str:
        """Return a sentence as this terminal shows it."""
        return text.on_one_line() if self._language is None else text.in_language(self._language)

    @property
    def prompt(self) -> Callable[[Text, str | None], str] | None:
        """How to put a question to a person; None where nobody is at the terminal."""
        return self._prompted if sys.stdin.isatty() and sys.stdout.isatty() else None

    def _prompted(self, text: Text, default: str | None) -> str:
        shown = f" [{default}]" if default else ""
        try:
            return input(f"? {self.worded(text)}{shown}: ")
        except (EOFError, KeyboardInterrupt) as stopped:
            raise CommandFailed(Text(zh="已中断，什么都没有改", en="stopped, nothing was changed")) from stopped

    def verdict(self, wrong: Iterable[Text]) -> bool:
        """Print a line for each thing that is wrong, or that all is well; return whether it is."""
        sentences = list(wrong)
        for sentence in sentences:
            self.line(sentence, mark=RED)
        if not sentences:
            self.line(Text(zh="全部正常", en="all is well"), mark=GREEN)
        return not sentences
