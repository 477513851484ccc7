"""An audit of referrals: read from the journals of both sites, with nothing of the hubs' own code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from journal_audit import Journal, Line


@dataclass(frozen=True, kw_only=True)
class ReferralTrace:
    """One referral: the entries of the site of origin about it, and those of the destination."""

    referral: str
    origin: str
    to_site: str
    request: dict[str, Any]
    written: Counter[str]
    """How often each kind of entry was written, at both sites."""
    taken: dict[str, Any] | None
    released: bool
    """Whether the other site withdrew its place."""
    called_after: bool
    """Whether the origin called a ticket after it had referred it."""

    @property
    def owners(self) -> int:
        """How many sites own the ticket: a place never taken has no owner, a visitor who stayed counts."""
        there = self.written["place_held"] > 0 and not self.released
        gone = self.taken is not None
        return int(there) + int(not gone and self.written["referral_given_up"] > 0)

    @property
    def open(self) -> bool:
        """Whether the origin has not decided yet."""
        return self.taken is None and not self.written["referral_given_up"]


ORIGIN = ("referral_taken", "referral_given_up")
OTHER = ("place_held", "place_refused", "place_confirmed")


def referrals(journals: Mapping[str, Journal]) -> Iterator[ReferralTrace]:
    """Yield every referral that was ever requested."""
    for origin, journal in journals.items():
        for request in journal.of_kind("referral_asked"):
            there = journals[request.fact["to_site"]]
            yield _trace(request, origin=origin, here=journal, there=there)


def _trace(request: Line, *, origin: str, here: Journal, there: Journal) -> ReferralTrace:
    referral = request.fact["referral"]
    about = [line for journal, kinds in ((here, ORIGIN), (there, OTHER)) for line in _of(journal, kinds, referral)]
    taken = next((line for line in about if line.kind == "referral_taken"), None)
    places = {line.fact["ticket"] for line in about if line.kind == "place_held"}
    cancelled = [line.fact for line in there.of_kind("ticket_cancelled") if line.fact["ticket"] in places]
    called = [line.seq for line in here.of_kind("ticket_called") if line.fact["ticket"] == request.fact["ticket"]]
    return ReferralTrace(
        referral=referral,
        origin=origin,
        to_site=request.fact["to_site"],
        request=request.fact,
        written=Counter(line.kind for line in about),
        taken=taken.fact if taken else None,
        released=any(fact["reason"] == "referral_given_up" for fact in cancelled),
        called_after=taken is not None and any(seq > taken.seq for seq in called),
    )


def _of(journal: Journal, kinds: tuple[str, ...], referral: str) -> list[Line]:
    return [line for kind in kinds for line in journal.of_kind(kind) if line.fact["referral"] == referral]
