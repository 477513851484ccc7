"""What hub and county answer to whoever enrols with a code: the same errors, and the same limit on wrong codes."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from protocol.faults import system_error_text
from server.auth.throttle import WRONG_TRIES, Throttle
from server.authority.enrolment_codes import CodeFault, CodeRefused
from server.authority.issued_certificates import UnusableSigningRequest
from server.http_server.errors import Denied
from server.http_server.openapi import ErrorExample

log = logging.getLogger(__name__)

PEM = "application/x-pem-file"
ENROLMENT_ERRORS: Mapping[str, ErrorExample] = MappingProxyType(
    {
        "tls_off": ErrorExample(
            404,
            "没有启用加密（设置里的 [tls]），只能手工登记",
            "nothing is encrypted here ([tls] of the settings), so all are enrolled by hand",
        ),
        "wrong_code": ErrorExample(403, "登记码不对，请核对后重新输入", "this is not the code, please check it"),
        "code_for_another": ErrorExample(
            403,
            "登记码是给别的种类的设备、或别的站点的",
            "the code is for a device of another kind, or for another site",
        ),
        "code_expired": ErrorExample(
            403, "登记码已过期（15 分钟），请取新的登记码", "the code is older than 15 minutes, please get a new one"
        ),
        "code_used": ErrorExample(
            403, "登记码已用过，请取新的登记码", "the code has been used already, please get a new one"
        ),
        "code_tried_too_often": ErrorExample(
            403,
            "登记码输错次数太多，已作废，请取新的登记码",
            "the code was tried wrongly too often and has ended, please get a new one",
        ),
        "too_many_tries": ErrorExample(
            429, "错误次数太多，请一分钟后再试", "too many wrong tries, please try again in a minute"
        ),
        "unusable_request": ErrorExample(
            422, "证书申请不能用：应是 P-256 密钥的 PKCS #10", "no signing request (PKCS #10) of a P-256 key", "csr"
        ),
    }
)
"""Named errors of enrolment, as OpenAPI documents them."""
CODE_ERRORS: Mapping[CodeFault, str] = MappingProxyType(
    {
        CodeFault.WRONG: "wrong_code",
        CodeFault.FOR_ANOTHER: "code_for_another",
        CodeFault.EXPIRED: "code_expired",
        CodeFault.USED: "code_used",
        CodeFault.TRIED_TOO_OFTEN: "code_tried_too_often",
    }
)


class CodeTries:
    """Limits the wrong codes of each address."""

    def __init__(self) -> None:
        self._tries = Throttle(WRONG_TRIES)

    @contextmanager
    def counted(self, address: str) -> Iterator[None]:
        """Count a try before its code is checked, so that parallel tries count too. Raises Denied: 403, 429."""
        now = time.monotonic()
        wait_s = math.ceil(self._tries.wait_s(address, at=now))
        if wait_s > 0:
            raise enrolment_denied("too_many_tries", headers={"Retry-After": str(wait_s)})
        self._tries.count(address, at=now)
        try:
            yield
        except CodeRefused as refused:
            log.warning("%s: 登记码不对 / %s", address, CODE_ERRORS[refused.fault])
            raise enrolment_denied(CODE_ERRORS[refused.fault]) from refused
        self._tries.forgive(address)


@contextmanager
def faults_answered() -> Iterator[None]:
    """Raise Denied for a request that cannot be signed (422), and for files that cannot be read or written (503)."""
    try:
        yield
    except UnusableSigningRequest as error:
        raise enrolment_denied("unusable_request") from error
    except OSError as error:
        cause = system_error_text(error)
        log.warning("登记没有成功 / not enrolled: %s", cause.on_one_line())
        raise Denied(
            status=503,
            error="store_fault",
            zh=f"没有保存，请告诉工作人员：{cause.zh}",
            en=f"nothing was saved: {cause.en}",
        ) from error


def enrolment_denied(name: str, *, headers: dict[str, str] | None = None) -> Denied:
    """Return the error of a name."""
    status, zh, en, _ = ENROLMENT_ERRORS[name]
    return Denied(status=status, error=name, zh=zh, en=en, headers=headers)
