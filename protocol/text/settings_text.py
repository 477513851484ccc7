"""The mistakes in a settings file as sentences: the key as it stands there, the value, and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_ALLOWED: Mapping[str, str] = MappingProxyType(
    {
        "bool_parsing": "应为 true 或 false / must be true or false",
        "bool_type": "应为 true 或 false / must be true or false",
        "date_from_datetime_parsing": "应为日期 / must be a date",
        "dict_type": "应为一组设置 / must be a table of settings",
        "float_parsing": "应为数字 / must be a number",
        "float_type": "应为数字 / must be a number",
        "frozen_set_type": "应为列表，写在 [ ] 里 / must be a list, in [ ]",
        "greater_than": "应大于 {gt} / must be more than {gt}",
        "greater_than_equal": "应不小于 {ge} / must be at least {ge}",
        "int_from_float": "应为整数 / must be a whole number",
        "int_parsing": "应为整数 / must be a whole number",
        "int_type": "应为整数 / must be a whole number",
        "less_than": "应小于 {lt} / must be less than {lt}",
        "less_than_equal": "应不大于 {le} / must be at most {le}",
        "literal_error": "应为 / must be {expected}",
        "enum": "应为 / must be {expected}",
        "model_type": "应为一组设置 / must be a table of settings",
        "string_pattern_mismatch": "应符合 / must match {pattern}",
        "string_too_long": "最多 {max_length} 个字符 / must have at most {max_length} characters",
        "string_too_short": "至少 {min_length} 个字符 / must have at least {min_length} characters",
        "string_type": "应为文字，写在引号里 / must be a text in quotes",
        "time_parsing": "应为时间，例如 08:30 / must be a time such as 08:30",
        "too_short": "至少要有 {min_length} 项 / needs at least {min_length}",
        "tuple_type": "应为列表，写在 [ ] 里 / must be a list, in [ ]",
    }
)
"""What is allowed, by pydantic's name of the error."""


def settings_sentences(errors: list[ErrorDetails], raw: dict[str, Any]) -> list[str]:
    """Return a sentence for each mistake; a list whose only entry is wrong is not reported as too short as well."""
    places = [e["loc"] for e in errors]

    def is_implied(error: ErrorDetails) -> bool:
        place = error["loc"]
        return error["type"] == "too_short" and any(p != place and p[: len(place)] == place for p in places)

    return [_sentence(e, raw) for e in errors if not is_implied(e)]


def _sentence(error: ErrorDetails, raw: dict[str, Any]) -> str:
    """Return key, value and what is allowed, in Chinese and English; secrets and whole tables are not repeated."""
    key = _key(error["loc"], raw)
    context = error.get("ctx", {})
    choice = key + "." + context.get("discriminator", "").strip("'")
    match error["type"]:
        case "missing":
            return f"缺少 {key} / {key} is missing"
        case "extra_forbidden":
            return f"没有 {key} 这一项 / there is no setting {key}"
        case "union_tag_not_found":
            return f"缺少 {choice} / {choice} is missing"
        case "union_tag_invalid":
            allowed = context["expected_tags"]
            return f"{choice} = {context['tag']!r} 不对 / is not allowed: choose one of {allowed}"
        case kind:
            rule = _ALLOWED[kind].format(**context) if kind in _ALLOWED else error["msg"].removeprefix("Value error, ")
            return f"{_named(key, error['input'])}{rule}"


def _named(key: str, value: object) -> str:
    """Return the key with its value; a rule that spans several keys has neither."""
    if isinstance(value, dict | list) or not key:
        return f"{key}: " if key else ""
    return f"{key} = {'***' if 'key' in key.rsplit('.', 1)[-1] else repr(value)} 不对 / is not allowed: "


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
