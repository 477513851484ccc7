"""A proposal as a sentence, with the names that people use."""

from __future__ import annotations

from collections.abc import Mapping

from protocol.journal import ProposalMade
from protocol.vocabulary import Language, SiteId, Text, WindowId
from server.domain.county.savings import AcceptedProposal
from server.domain.model.hall import SiteIndex
from server.web.county_service import SiteStatus
from server.web.staff.county import county_text

Sites = Mapping[SiteId, SiteStatus]


def proposal_sentence(sites: Sites, proposal: ProposalMade | AcceptedProposal) -> Text:
    """Return a proposal as a sentence; a site, window or service that is gone keeps its id."""
    return Text(zh=_in_language(sites, proposal, Language.ZH), en=_in_language(sites, proposal, Language.EN))


def _in_language(sites: Sites, proposal: ProposalMade | AcceptedProposal, language: Language) -> str:
    index = _site_index(sites, proposal.site)
    known = index.services if index else {}
    between = "、" if language is Language.ZH else ", "
    services = between.join(known[s].name.in_language(language) if s in known else s for s in proposal.services)
    window = _label(index, proposal.window)
    if proposal.from_site is None or proposal.from_window is None:
        return county_text.take_services(window, services, opens=proposal.opens).in_language(language)
    sentence = county_text.move_clerk(
        window,
        _name(sites, proposal.site, language),
        services,
        from_window=_label(_site_index(sites, proposal.from_site), proposal.from_window),
        from_site=_name(sites, proposal.from_site, language),
    )
    return sentence.in_language(language)


def _site_index(sites: Sites, site: SiteId) -> SiteIndex | None:
    status = sites.get(site)
    return status.state.hall.site if status and status.state else None


def _label(index: SiteIndex | None, window: WindowId) -> str:
    return index.windows[window].label if index and window in index.windows else window


def _name(sites: Sites, site: SiteId, language: Language) -> str:
    status = sites.get(site)
    return status.place.name.in_language(language) if status else site
