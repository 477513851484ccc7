"""The errors that the hub's routes document in OpenAPI, with the rules' own sentences, and their JSON responses."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi.responses import Response

from protocol.vocabulary import Text
from server.authority.enrolment_answers import ENROLMENT_ERRORS
from server.domain.model import refusals as r
from server.http_server.errors import status_of
from server.http_server.openapi import STORE_ERRORS, ErrorExample, describe_errors
from server.hub.commands.typed_command import Answered

REFUSALS: tuple[r.Refusal, ...] = (
    r.UnknownWindow("window-99"),
    r.UnknownTicket.ended(),
    r.UnknownPrint(),
    r.NobodyWaiting(),
    r.WindowNotOpen(),
    r.CalledJustNow(),
    r.NoShowTooSoon(12.0, announced=True),
    r.NoTicketAtWindow(),
    r.NobodyInDoubt(),
    r.PassedTooOften("A012", times=20),
    r.TicketElsewhere("A017", window_label="3"),
    r.ServiceNotServed.by_any_window(Text(zh="发票领用", en="Invoices")),
    r.HallClosed(Text(zh="周一至周五 09:00–17:00", en="Mon–Fri 09:00–17:00")),
    r.WrongState(Text(zh="等候中", en="waiting")),
    r.NoReturnLeft("A017", returns=1),
    r.ReprintUsed("A017"),
    r.PrintEndedAlready("printed"),
    r.OfferGone(),
    r.NoAnswer(),
    r.PlaceNotGranted(),
    r.CalledHere(),
    r.PlaceUnconfirmed.by_number("A017"),
    r.NotReferred("A017"),
    r.TooLate(),
    r.RequestIdReused(),
    r.UnknownService("passports"),
    r.UnknownPriority("vip"),
)
"""Examples of refusals, one for each name, made as the rules make them."""


def _example(refusal: r.Refusal) -> ErrorExample:
    return ErrorExample(status_of(refusal), refusal.message.zh, refusal.message.en, refusal.field)


ERRORS: Mapping[str, ErrorExample] = MappingProxyType(
    {
        "unknown_key": ErrorExample(401, "没有密钥或密钥已失效", "no key, or one that is not valid"),
        "not_allowed": ErrorExample(
            403, "设备 display-1（display）不能这样操作", "display-1 is a display and may not do this"
        ),
        "too_many_commands": ErrorExample(
            429,
            "设备 kiosk-1 操作太频繁，请 12 秒后再试",
            "kiosk-1 sends too many commands, please try again in 12 seconds",
        ),
        "not_own_certificate": ErrorExample(
            403,
            "设备 kiosk-1 没有出示自己的证书，请重新登记本设备",
            "kiosk-1 has not shown its own certificate; enrol this device again",
        ),
        "not_own_window": ErrorExample(
            403,
            "设备 window-1 只管窗口 window-1；要管别的，用 jiaohao-admin enrol window-1 --window … 重新登记",
            "window-1 is bound to window-1; for others enrol it again: jiaohao-admin enrol window-1 --window …",
        ),
        "body_too_large": ErrorExample(413, "请求太大", "the body is larger than 65536 bytes"),
        "invalid_json": ErrorExample(422, "请求不是正确的 JSON", "the body is not valid JSON"),
        "invalid_field": ErrorExample(422, "缺少字段 request_id", "field request_id: Field required", "request_id"),
        **{refusal.name: _example(refusal) for refusal in REFUSALS},
        **ENROLMENT_ERRORS,
        **STORE_ERRORS,
    }
)
"""Named errors of the routes, as OpenAPI documents them."""

_COMMAND: tuple[type[r.Refusal] | str, ...] = (
    "not_allowed",
    "not_own_certificate",
    "too_many_commands",
    r.TooLate,
    r.RequestIdReused,
    "body_too_large",
    "invalid_json",
    "invalid_field",
    "disk_full",
    "store_fault",
)


def errors(*refused: type[r.Refusal] | str) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of a route in OpenAPI, each with an example; those of the key are of every route."""
    names = [kind if isinstance(kind, str) else kind.name for kind in refused]
    return describe_errors(ERRORS, "unknown_key", *names)


def command_errors(*refused: type[r.Refusal] | str) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of a command's route: its own refusals, and those of every command."""
    return errors(*_COMMAND, *refused)


def respond_json(answered: Answered[Any]) -> Response:
    """Return a command's answer as a response, from its JSON."""
    return Response(content=answered.json, media_type="application/json")
