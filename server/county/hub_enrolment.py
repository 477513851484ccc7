"""Joins hubs to the county by one-time codes."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING

from protocol.county import CountyJoined, JoinCounty
from protocol.enrolment_code import EnrolmentCode
from protocol.vocabulary import SiteId
from server.authority.enrolment_codes import Enrollee, EnrolmentCodes
from server.county.access import CountyAccess

if TYPE_CHECKING:
    from server.authority.authority import Authority

log = logging.getLogger(__name__)


class HubEnrolment:
    """The codes of a county that encrypts. All methods may take 50 ms; they raise AccessFault, OSError."""

    def __init__(self, access: CountyAccess) -> None:
        self._access = access
        self._codes = EnrolmentCodes(access.folder)

    @cached_property
    def authority(self) -> Authority:
        """The authority that has signed the county's certificate."""
        from server.authority.authority import open_authority  # noqa: PLC0415 - loads cryptography

        return open_authority(self._access.folder)

    def new_code(self, site: SiteId) -> EnrolmentCode:
        """Return a code with which this site's hub joins once, within a quarter of an hour."""
        return self._codes.issue(Enrollee(name=site), authority=self.authority.der)

    def join(self, request: JoinCounty) -> CountyJoined:
        """Join the site that a code is for; its former key ends. Raises CodeRefused."""
        self._codes.redeem(request.secret, lambda enrollee: enrollee.name == request.site)
        key = self._access.enrol(request.site)
        log.info("%s 已用登记码加入 / joined by a code", request.site)
        return CountyJoined(key=key.get_secret_value())
