"""A proposal as a sentence, with the names that people use."""

from __future__ import annotations

from collections.abc import Mapping

from protocol.journal import ProposalMade
from protocol.vocabulary import Language, SiteId, Text, WindowId
from server.domain.county.savings import AcceptedProposal
from server.domain.model.hall import SiteIndex
from server.web.county_service import SiteStatus
from server.web.staff.county import county_text as words

Sites = Mapping[SiteId, SiteStatus]


def asks(sites: Sites, asked: ProposalMade | AcceptedProposal) -> Text:
    """Return what a proposal asks for; a site, window or service that is gone keeps its id."""
    return Text(zh=_asks(sites, asked, Language.ZH), en=_asks(sites, asked, Language.EN))


def _asks(sites: Sites, asked: ProposalMade | AcceptedProposal, language: Language) -> str:
    offer = _offer(sites, asked.site)
    known = offer.services if offer else {}
    between = "、" if language is Language.ZH else ", "
    services = between.join(known[s].name.in_language(language) if s in known else s for s in asked.services)
    window = _label(offer, asked.window)
    if asked.from_site is None or asked.from_window is None:
        return words.helps(window, services, opens=asked.opens).in_language(language)
    goes = words.moves(
        window,
        _name(sites, asked.site, language),
        services,
        from_window=_label(_offer(sites, asked.from_site), asked.from_window),
        from_site=_name(sites, asked.from_site, language),
    )
    return goes.in_language(language)


def _offer(sites: Sites, site: SiteId) -> SiteIndex | None:
    state = sites.get(site)
    return state.picture.hall.site if state and state.picture else None


def _label(offer: SiteIndex | None, window: WindowId) -> str:
    return offer.windows[window].label if offer and window in offer.windows else window


def _name(sites: Sites, site: SiteId, language: Language) -> str:
    state = sites.get(site)
    return state.place.name.in_language(language) if state else site
