"""The mistakes in a settings file as sentences: the key as it stands there, the value, and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from protocol.faults import WrongValue
from protocol.vocabulary import Text

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_ALLOWED: Mapping[str, Text] = MappingProxyType(
    {
        "bool_parsing": Text(zh="应为 true 或 false", en="must be true or false"),
        "bool_type": Text(zh="应为 true 或 false", en="must be true or false"),
        "date_from_datetime_parsing": Text(zh="应为日期", en="must be a date"),
        "dict_type": Text(zh="应为一组设置", en="must be a table of settings"),
        "float_parsing": Text(zh="应为数字", en="must be a number"),
        "float_type": Text(zh="应为数字", en="must be a number"),
        "frozen_set_type": Text(zh="应为列表，写在 [ ] 里", en="must be a list, in [ ]"),
        "greater_than": Text(zh="应大于 {gt}", en="must be more than {gt}"),
        "greater_than_equal": Text(zh="应不小于 {ge}", en="must be at least {ge}"),
        "int_from_float": Text(zh="应为整数", en="must be a whole number"),
        "int_parsing": Text(zh="应为整数", en="must be a whole number"),
        "int_type": Text(zh="应为整数", en="must be a whole number"),
        "less_than": Text(zh="应小于 {lt}", en="must be less than {lt}"),
        "less_than_equal": Text(zh="应不大于 {le}", en="must be at most {le}"),
        "literal_error": Text(zh="应为 {expected}", en="must be {expected}"),
        "enum": Text(zh="应为 {expected}", en="must be {expected}"),
        "model_type": Text(zh="应为一组设置", en="must be a table of settings"),
        "string_pattern_mismatch": Text(zh="应符合 {pattern}", en="must match {pattern}"),
        "string_too_long": Text(zh="最多 {max_length} 个字符", en="must have at most {max_length} characters"),
        "string_too_short": Text(zh="至少 {min_length} 个字符", en="must have at least {min_length} characters"),
        "string_type": Text(zh="应为文字，写在引号里", en="must be a text in quotes"),
        "time_parsing": Text(zh="应为时间，例如 08:30", en="must be a time such as 08:30"),
        "too_short": Text(zh="至少要有 {min_length} 项", en="needs at least {min_length}"),
        "tuple_type": Text(zh="应为列表，写在 [ ] 里", en="must be a list, in [ ]"),
    }
)
"""What is allowed, by pydantic's name of the error."""


def settings_sentences(errors: list[ErrorDetails], raw: dict[str, Any]) -> list[Text]:
    """Return a sentence for each mistake; a list whose only entry is wrong is not reported as too short as well."""
    places = [e["loc"] for e in errors]

    def is_implied(error: ErrorDetails) -> bool:
        place = error["loc"]
        return error["type"] == "too_short" and any(p != place and p[: len(place)] == place for p in places)

    return [_sentence(e, raw) for e in errors if not is_implied(e)]


def _sentence(error: ErrorDetails, raw: dict[str, Any]) -> Text:
    """Return key, value and what is allowed; secrets and whole tables are not repeated."""
    key = _key(error["loc"], raw)
    context = error.get("ctx", {})
    choice = key + "." + context.get("discriminator", "").strip("'")
    match error["type"]:
        case "missing":
            return Text(zh=f"缺少 {key}", en=f"{key} is missing")
        case "extra_forbidden":
            return Text(zh=f"没有 {key} 这一项", en=f"there is no setting {key}")
        case "union_tag_not_found":
            return Text(zh=f"缺少 {choice}", en=f"{choice} is missing")
        case "union_tag_invalid":
            allowed = context["expected_tags"]
            rule = Text(zh=f"应为其中之一：{allowed}", en=f"choose one of {allowed}")
            return _named(choice, context["tag"], rule)
        case _:
            return _named(key, error["input"], _rule(error))


def _rule(error: ErrorDetails) -> Text:
    context = error.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, WrongValue):
        return cause.text
    known = _ALLOWED.get(error["type"])
    if known is None:
        return Text(zh=error["msg"], en=error["msg"])
    in_chinese = {k: v.replace(" or ", " 或 ") if isinstance(v, str) else v for k, v in context.items()}
    return Text(zh=known.zh.format(**in_chinese), en=known.en.format(**context))


def _named(key: str, value: object, rule: Text) -> Text:
    """Return a rule behind the key and its value; a rule that spans several keys has neither."""
    if isinstance(value, dict | list) or not key:
        place = f"{key}: " if key else ""
        return Text(zh=place + rule.zh, en=place + rule.en)
    shown = f"{key} = {'***' if 'key' in key.rsplit('.', 1)[-1] else repr(value)}"
    return Text(zh=f"{shown} 不对：{rule.zh}", en=f"{shown} is not allowed: {rule.en}")


def _key(location: tuple[int | str, ...], raw: dict[str, Any]) -> str:
    """Return the key as it stands in the file, entries of a list by their id: ``services[id-card].letter``.

    pydantic also names the variant it chose, which the file does not.
    """
    here: Any = raw
    name = ""
    for depth, part in enumerate(location, start=1):
        inside = (isinstance(here, list) and isinstance(part, int)) or (isinstance(here, dict) and part in here)
        if inside:
            here = here[part]
        if isinstance(part, int) and inside:
            name += f"[{here['id'] if isinstance(here, dict) and 'id' in here else part + 1}]"
        elif inside or depth == len(location):
            name += f".{part}" if name else str(part)
    return name
