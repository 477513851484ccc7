"""Completes a technician's answers: asked at the terminal where there is one, otherwise by their defaults."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from installation.answers.questions import COUNTY_CODE, SetupQuestion, questions_for
from installation.answers.setup_answers import MachineRole, SetupAnswers
from installation.machine import Machine
from installation.toml_table import read_table
from protocol.settings import SettingsError, parse_settings
from protocol.vocabulary import Text

SOURCE = "jiaohao-setup"
Prompt = Callable[[Text, str | None], str]
"""Puts a question, with its default, to a person; returns what was typed."""


def complete_answers(
    given: Mapping[str, Any],
    roles: tuple[MachineRole, ...],
    machine: Machine,
    prompt: Prompt | None,
    *,
    known_system: bool = False,
) -> SetupAnswers:
    """Return the answers with nothing missing. Raises SettingsError: nobody can be asked and there is no default."""
    raw: dict[str, Any] = {**given, "roles": [role.value for role in roles]}
    parse_settings(SetupAnswers, raw, source=SOURCE)
    missing: list[Text] = []
    for question in questions_for(roles, machine, known_system=known_system):
        raw = _answered(question, raw, machine, prompt, missing)
    if read(raw, "hub.county_address") and not machine.settings_file("hub").exists():
        raw = _answered(COUNTY_CODE, raw, machine, prompt, missing)
    if missing:
        raise SettingsError(SOURCE, *missing)
    return parse_settings(SetupAnswers, raw, source=SOURCE)


def read(raw: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - of any key
    """Return the value of a key with dots; None where there is none."""
    value: Any = raw
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def with_value(raw: Mapping[str, Any], key: str, value: object) -> dict[str, Any]:
    """Return the values with one more, whose key may have a dot."""
    head, _, rest = key.partition(".")
    return {**raw, head: with_value(raw.get(head, {}), rest, value) if rest else value}


def _answered(
    question: SetupQuestion,
    raw: dict[str, Any],
    machine: Machine,
    prompt: Prompt | None,
    missing: list[Text],
) -> dict[str, Any]:
    if read(raw, question.key) is not None:
        return raw
    default = question.default(machine)
    if prompt is None:
        if default is None:
            missing.append(_missing(question))
        return raw if not default else with_value(raw, question.key, _typed(question, default))
    return _prompted(question, raw, default, prompt)


def _prompted(question: SetupQuestion, raw: dict[str, Any], default: str | None, prompt: Prompt) -> dict[str, Any]:
    """Put a question until the answer is a possible one."""
    while True:
        typed = prompt(question.text, default).strip() or default
        if typed is None:
            continue
        if not typed:
            return raw
        answered = with_value(raw, question.key, _typed(question, typed))
        try:
            if question.is_file:
                read_table(Path(typed))
            parse_settings(SetupAnswers, answered, source=question.key)
        except SettingsError as error:
            sys.stderr.write(f"{error}\n")
        else:
            return answered


def _typed(question: SetupQuestion, text: str) -> object:
    if question.is_list:
        return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
    return int(text) if question.is_number and text.isdecimal() else text


def _missing(question: SetupQuestion) -> Text:
    return Text(
        zh=f"缺少回答 {question.key}（{question.text.zh}）：写进 --answers 的文件，或在终端里运行",
        en=f"no answer {question.key} ({question.text.en}): write it into the file of --answers, or run at a terminal",
    )


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables merged key by key; the later one counts."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            old = result.get(key)
            both = isinstance(old, Mapping) and isinstance(value, Mapping)
            result[key] = merged(old, value) if both else value  # type: ignore[arg-type]
    return result


def given_only(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without those that were not given, in tables too."""
    tables = {key: given_only(value) if isinstance(value, Mapping) else value for key, value in values.items()}
    return {key: value for key, value in tables.items() if value is not None and value != {}}
