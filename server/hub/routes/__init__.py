"""The hub's HTTP interface under ``/v1``."""

from __future__ import annotations

from typing import Any

from protocol.messages import ErrorAnswer

_WORDS = {
    401: ("unknown_key", "没有密钥或密钥已失效", "no key, or one that is not valid"),
    403: ("not_allowed", "这种设备不能这样操作", "this kind of device may not do this"),
    404: ("unknown_window", "没有窗口 window-99", "there is no window window-99"),
    409: ("nobody_waiting", "没有人在等候", "nobody is waiting"),
    413: ("body_too_large", "请求太大", "the body is larger than 65536 bytes"),
    422: ("invalid_field", "字段 request_id 不对", "field request_id: Field required"),
    503: ("disk_full", "没有保存,请告诉工作人员", "nothing was saved: the disk is full"),
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors a route may answer with, each with an example."""
    return {status: _describe(status) for status in statuses}


def _describe(status: int) -> dict[str, Any]:
    name, zh, en = _WORDS[status]
    example = {"error": name, "message": {"zh": zh, "en": en}, "field": "request_id" if status == 422 else None}
    return {"model": ErrorAnswer, "description": en, "content": {"application/json": {"example": example}}}


READ = errors(401, 403)
COMMAND = errors(401, 403, 409, 413, 422, 503)
COMMAND_ON = errors(401, 403, 404, 409, 413, 422, 503)
