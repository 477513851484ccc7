"""The hub's HTTP interface under ``/v1``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from server.http_server.openapi import STORE_ERRORS, ErrorExample, describe_errors

ERRORS: Mapping[str, ErrorExample] = MappingProxyType(
    {
        "unknown_key": ErrorExample(401, "没有密钥或密钥已失效", "no key, or one that is not valid"),
        "not_allowed": ErrorExample(
            403, "设备 display-1(display)不能这样操作", "display-1 is a display, it may not do this"
        ),
        "unknown_window": ErrorExample(404, "没有窗口 window-99", "there is no window window-99", "window"),
        "unknown_ticket": ErrorExample(404, "今天没有这张票，或已经办结", "there is no such living ticket today"),
        "unknown_print": ErrorExample(404, "没有这个打印任务", "there is no such print job"),
        "nobody_waiting": ErrorExample(409, "没有人在等候", "nobody is waiting"),
        "window_not_open": ErrorExample(
            409, "窗口未开放，请先按“开始服务”", "the window is not open, press open first"
        ),
        "called_just_now": ErrorExample(409, "刚刚叫过号，请稍候", "called a moment ago, please wait"),
        "no_ticket_at_window": ErrorExample(
            409, "窗口现在没有可以这样操作的号码", "no ticket that this can be done to"
        ),
        "ticket_elsewhere": ErrorExample(409, "A017 正在 3 号窗口", "A017 is at window 3"),
        "service_not_served": ErrorExample(409, "发票领用没有窗口办理", "no window serves Invoices", "service"),
        "hall_closed": ErrorExample(409, "现在不在服务时间内", "the hall is closed now"),
        "wrong_state": ErrorExample(409, "这张票等候中，不能这样操作", "not possible: the ticket is waiting"),
        "no_return_left": ErrorExample(
            409, "A017 已经回队 1 次，请重新取号", "A017 came back already, take a new number"
        ),
        "reprint_used": ErrorExample(409, "A017 已经补打过一次", "A017 was printed again already"),
        "print_ended_already": ErrorExample(
            409, "打印任务已记为 printed", "the job is written down as printed", "outcome"
        ),
        "offer_gone": ErrorExample(
            409, "这个建议已失效，请重新选择", "this offer is no longer valid, please choose again"
        ),
        "no_answer": ErrorExample(
            409, "对方大厅没有及时答复", "the other hall did not answer in time; nothing changed"
        ),
        "place_refused": ErrorExample(409, "对方大厅现在不能受理", "the other hall has no place now; nothing changed"),
        "called_here": ErrorExample(409, "这里已经叫到您了，请留在这里", "you have been called here, please stay"),
        "place_unconfirmed": ErrorExample(409, "A017 还不能凭号码报到", "A017 cannot be checked in by its number yet"),
        "not_referred": ErrorExample(
            409, "A017 是在本大厅取的号，不用报到", "A017 was taken in this hall, no check-in"
        ),
        "too_late": ErrorExample(409, "请求已过期，没有执行", "whoever asked has given up; nothing was done"),
        "request_id_reused": ErrorExample(
            409, "这个 request_id 已用于另一个请求", "this request_id was used for another request", "request_id"
        ),
        "body_too_large": ErrorExample(413, "请求太大", "the body is larger than 65536 bytes"),
        "invalid_json": ErrorExample(422, "请求不是正确的 JSON", "the body is not valid JSON"),
        "invalid_field": ErrorExample(422, "缺少字段 request_id", "field request_id: Field required", "request_id"),
        "unknown_service": ErrorExample(422, "没有事项 passports", "there is no service passports", "service"),
        "unknown_priority": ErrorExample(422, "没有优先类别 vip", "there is no priority class vip", "priority"),
        **STORE_ERRORS,
    }
)
"""Every named error of a route, as documented."""

_COMMAND = (
    "not_allowed",
    "too_late",
    "request_id_reused",
    "body_too_large",
    "invalid_json",
    "invalid_field",
    "disk_full",
    "store_fault",
)


def errors(*names: str) -> dict[int | str, dict[str, Any]]:
    """Describe what a route may refuse, each error with an example; every route wants a key."""
    return describe_errors(ERRORS, "unknown_key", *names)


def command_errors(*names: str) -> dict[int | str, dict[str, Any]]:
    """Describe what a command may refuse: its own errors after those of every command."""
    return errors(*_COMMAND, *names)
