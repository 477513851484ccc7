"""Named refusals of a hub's push, each with its HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from protocol.county import JournalRefused
from protocol.vocabulary import Text
from server.authority.enrolment_answers import ENROLMENT_ERRORS
from server.http_server.errors import Denied
from server.http_server.openapi import STORE_ERRORS, ErrorExample

ERRORS: Mapping[str, ErrorExample] = MappingProxyType(
    {
        "unknown_key": ErrorExample(401, "没有密钥或密钥已失效", "no key, or one that is not valid"),
        "forged_site": ErrorExample(403, "这把密钥不是 tax 的", "this key is not that of tax"),
        "not_allowed": ErrorExample(403, "请使用 monitor 的密钥", "this needs the key of monitor"),
        "unknown_site": ErrorExample(404, "县平台没有站点 tax-2", "the county has no site tax-2"),
        "gap": ErrorExample(
            409, "中间缺少流水，县平台只有到第 1203 条", "entries are missing: the county has them up to 1203"
        ),
        "journal_rewritten": ErrorExample(
            409, "流水与县平台已有的不一致", "the journal is not the one that the county has"
        ),
        "body_too_large": ErrorExample(413, "请求太大", "the body is larger than 8388608 bytes"),
        "clock_impossible": ErrorExample(
            422, "第 1204 条流水的时间不可能", "entry 1204 is dated 1970-01-01, which cannot be"
        ),
        "invalid_entry": ErrorExample(422, "第 1204 条流水不成立", "entry 1204 cannot be: no such ticket"),
        "invalid_json": ErrorExample(422, "请求不是正确的 JSON", "the body is not valid JSON"),
        "invalid_field": ErrorExample(422, "缺少字段 chain", "field chain: Field required", "chain"),
        **{name: error for name, error in ENROLMENT_ERRORS.items() if name != "unusable_request"},
        **STORE_ERRORS,
    }
)
"""Every named error of the county's routes, as OpenAPI documents it."""


class PushNotAccepted(Denied):
    """A push was refused and none of it was applied. ``name`` is one of ``ERRORS``, ``seq`` the entry it is about."""

    def __init__(self, name: str, zh: str, en: str, *, seq: int | None = None) -> None:
        super().__init__(status=ERRORS[name].status, error=name, zh=zh, en=en)
        self.name = name
        self.answer = JournalRefused(error=name, message=Text(zh=zh, en=en), seq=seq)


def gap(seq: int) -> PushNotAccepted:
    """Return the refusal of a push that does not follow the county's entries, which go up to ``seq``."""
    return PushNotAccepted(
        "gap",
        f"中间缺少流水，县平台只有到第 {seq} 条",
        f"entries are missing: the county has them up to {seq}",
        seq=seq,
    )


def rewritten(seq: int) -> PushNotAccepted:
    """Return the refusal of a push whose entries up to ``seq`` are not the county's."""
    return PushNotAccepted(
        "journal_rewritten",
        f"到第 {seq} 条为止的流水与县平台已有的不一致：有人改动过，或站点服务器是从旧备份恢复的",
        f"the journal up to entry {seq} is not the one that the county has: it was changed by hand, or the hub goes on "
        "from an old copy",
        seq=seq,
    )
