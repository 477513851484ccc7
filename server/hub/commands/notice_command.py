"""The command that sets the notice at the foot of the hall screens."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from protocol import journal as j
from protocol.requests import SetNotice
from protocol.vocabulary import Text
from server.domain.desk import notices
from server.domain.model.hall import Hall
from server.hub.commands.typed_command import Command, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNotice(Command[Text]):
    """Replace the notice; empty texts remove it. Answered with the notice in force."""

    request: SetNotice

    @property
    @override
    def name(self) -> str:
        return "notice"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[Text]:  # noqa: ARG002 - a Command
        """Raises NotDrawable."""
        text = Text(zh=self.request.zh, en=self.request.en)
        return Decision(notices.change_notice(hall, text=text), lambda after: after.notice)

    @override
    def parse(self, answer: str) -> Text:
        return Text.model_validate_json(answer)
