"""What a finger does to the flow."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from kiosk import checking_in, words
from kiosk import events as e
from kiosk.asking import ask_again, go_there, take_number
from kiosk.effects import Effect, PrintReferral, PrintTicket
from kiosk.issued import Paper, Sent
from kiosk.menu import Listing, find_service, services_of
from kiosk.state import ASKED, Flow, Page, Step, fresh, only_department, page, takes_touch, warning
from protocol.vocabulary import Language

_CHOOSING = frozenset({Page.DEPARTMENT, Page.SERVICE})
_EVERYWHERE = frozenset(Page)
_OFFERED = MappingProxyType[type[e.Touch], frozenset[Page]](
    {
        e.ToggleLanguage: _EVERYWHERE,
        e.ToggleSize: _EVERYWHERE,
        e.StillHere: _EVERYWHERE,
        e.Anywhere: _EVERYWHERE,
        e.OpenHelp: _EVERYWHERE - {Page.HELP} - {Page(step.value) for step in ASKED},
        e.Start: frozenset({Page.WELCOME}),
        e.Back: _CHOOSING
        | {Page.CONFIRM, Page.OFFER, Page.PRIORITY, Page.REFUSED, Page.NO_PLACE, Page.CHECK_IN, Page.NOT_FOUND}
        | {Page.LETTERS, Page.HELP},
        e.Finish: frozenset({Page.NUMBER, Page.SENT, Page.ARRIVED}),
        e.TurnTo: _CHOOSING,
        e.OpenLetters: _CHOOSING,
        e.ChooseLetter: frozenset({Page.LETTERS}),
        e.ChooseDepartment: frozenset({Page.DEPARTMENT}),
        e.ChooseService: frozenset({Page.SERVICE}),
        e.OpenPriorities: frozenset({Page.CONFIRM, Page.OFFER}),
        e.ChoosePriority: frozenset({Page.PRIORITY}),
        e.Confirm: frozenset({Page.CONFIRM, Page.OFFER, Page.NO_PLACE}),
        e.GoThere: frozenset({Page.OFFER}),
        e.OpenCheckIn: frozenset({Page.WELCOME, Page.CLOSED, Page.NOT_FOUND}),
        e.TypeKey: frozenset({Page.CHECK_IN}),
        e.EraseKey: frozenset({Page.CHECK_IN}),
        e.CheckIn: frozenset({Page.CHECK_IN}),
        e.Scanned: checking_in.SCANNED_ON,
        e.AskAgain: frozenset({Page.STAFF}),
        e.PrintAgain: frozenset({Page.NUMBER, Page.SENT}),
    }
)
"""On which pages a touch means anything; elsewhere it comes from a page already gone and is ignored."""


def touched(flow: Flow, touch: e.Touch, *, at: float) -> tuple[Flow, Effect | None]:
    """A finger: keeps the visitor here, and chooses, when the page was there long enough to be meant."""
    present = replace(flow, touched_at=at)
    if isinstance(touch, e.Scanned):
        return checking_in.scanned(present, touch)
    if warning(flow, at=at) is not None:
        return replace(present, changed_at=at), None
    if not takes_touch(flow, at=at) or page(flow) not in _OFFERED[type(touch)]:
        return present, None
    if isinstance(touch, e.TypeKey | e.EraseKey):
        return checking_in.typed(present, touch, at=at), None
    after, effect = _chosen(present, touch)
    return (present if after == present else replace(after, changed_at=at)), effect


def _chosen(flow: Flow, touch: e.Touch) -> tuple[Flow, Effect | None]:
    """What is asked of the workers, or else only shown."""
    match touch:
        case e.Confirm():
            return take_number(flow)
        case e.GoThere():
            return go_there(flow)
        case e.CheckIn():
            return checking_in.submitted(flow)
        case e.AskAgain():
            return ask_again(flow)
        case e.PrintAgain():
            return _print_again(flow)
        case _:
            return _shown(flow, touch), None


def _shown(flow: Flow, touch: e.Touch) -> Flow:
    """Return the flow after a touch that asks nothing of the workers."""
    match touch:
        case e.Back():
            return replace(flow, help=False) if flow.help else _back(flow)
        case e.ToggleLanguage() | e.ToggleSize() | e.OpenHelp():
            return _arranged(flow, touch)
        case e.TurnTo() | e.OpenLetters() | e.ChooseLetter():
            return _listed(flow, touch)
        case e.Start() | e.ChooseDepartment() | e.ChooseService() | e.OpenPriorities() | e.ChoosePriority():
            return _walked(flow, touch)
        case e.Finish() | e.OpenCheckIn():
            return checking_in.opened(flow) if isinstance(touch, e.OpenCheckIn) else fresh(flow)
        case _:
            return flow


def _arranged(flow: Flow, touch: e.ToggleLanguage | e.ToggleSize | e.OpenHelp) -> Flow:
    """How the visitor reads."""
    match touch:
        case e.ToggleLanguage():
            other = Language.EN if flow.language is Language.ZH else Language.ZH
            listing = replace(flow.listing, letter=None, leaf=0) if flow.listing.letter else flow.listing
            return replace(_with_listing(flow, listing), language=other)
        case e.ToggleSize():
            return replace(_with_listing(flow, flow.listing.turned(0)), large=not flow.large)
        case e.OpenHelp():
            return replace(flow, help=True)


def _listed(flow: Flow, touch: e.TurnTo | e.OpenLetters | e.ChooseLetter) -> Flow:
    """Where the visitor looks in a list of tiles."""
    match touch:
        case e.TurnTo(leaf=leaf):
            return _with_listing(flow, flow.listing.turned(leaf))
        case e.OpenLetters():
            return _with_listing(flow, Listing(searching=True))
        case e.ChooseLetter(letter=letter):
            return _with_listing(flow, Listing(letter=letter))


def _with_listing(flow: Flow, listing: Listing) -> Flow:
    if flow.step is Step.SERVICE:
        return replace(flow, choice=replace(flow.choice, services=listing))
    return replace(flow, choice=replace(flow.choice, departments=listing))


def _walked(
    flow: Flow, touch: e.Start | e.ChooseDepartment | e.ChooseService | e.OpenPriorities | e.ChoosePriority
) -> Flow:
    """One step forward."""
    match touch:
        case e.Start():
            return _start(flow)
        case e.ChooseDepartment(department=department):
            return _choose_department(flow, department)
        case e.ChooseService(service=service):
            return _choose_service(flow, service)
        case e.OpenPriorities():
            return replace(flow, step=Step.PRIORITY)
        case e.ChoosePriority(priority=priority):
            return _at_confirm(replace(flow, choice=replace(flow.choice, priority=priority)))


def _start(flow: Flow) -> Flow:
    """A hall of one department asks for the service at once."""
    only = only_department(flow)
    return _choose_department(flow, only) if only else replace(flow, step=Step.DEPARTMENT)


def _choose_department(flow: Flow, department: str) -> Flow:
    """A department of one service leads straight to confirm."""
    services = services_of(flow.menu, department) if flow.menu else []
    if not services:
        return flow
    chosen = replace(flow, choice=replace(flow.choice, department=department, services=Listing()))
    if len(services) == 1:
        return _choose_service(chosen, services[0].id)
    return replace(chosen, step=Step.SERVICE)


def _choose_service(flow: Flow, service: str) -> Flow:
    answer = find_service(flow.menu, service) if flow.menu else None
    if answer is None:
        return flow
    chosen = replace(flow, choice=replace(flow.choice, service=service, priority=None))
    if not answer.offered:
        return replace(chosen, step=Step.REFUSED, refusal=words.NOT_OFFERED)
    return _at_confirm(chosen)


def _at_confirm(flow: Flow) -> Flow:
    """Something was chosen anew: nothing is asked for yet, here or elsewhere."""
    return replace(flow, step=Step.CONFIRM, request=None, question=None, offer=None)


def _back(flow: Flow) -> Flow:
    if flow.step in {Step.DEPARTMENT, Step.SERVICE} and (flow.listing.searching or flow.listing.letter):
        return _with_listing(flow, Listing())
    match flow.step:
        case Step.PRIORITY | Step.NO_PLACE:
            return replace(flow, step=Step.CONFIRM, refusal=None)
        case Step.NOT_FOUND:
            return checking_in.opened(flow)
        case Step.CONFIRM | Step.REFUSED:
            return _back_to_tiles(flow)
        case Step.SERVICE if only_department(flow) is None:
            return replace(flow, step=Step.DEPARTMENT)
        case _:
            return replace(fresh(flow), language=flow.language, large=flow.large)


def _back_to_tiles(flow: Flow) -> Flow:
    """To the tiles the service was chosen on: the department's, or the departments' when it had only one service."""
    nothing = replace(flow, request=None, refusal=None, question=None, offer=None)
    chosen = replace(nothing, choice=replace(flow.choice, service=None, priority=None))
    services = services_of(flow.menu, flow.choice.department) if flow.menu else []
    if len(services) > 1:
        return replace(chosen, step=Step.SERVICE)
    if only_department(flow) is None:
        return replace(chosen, step=Step.DEPARTMENT)
    return replace(fresh(flow), language=flow.language, large=flow.large)


def _print_again(flow: Flow) -> tuple[Flow, Effect | None]:
    """The one reprint, of a number here or of a place at another site."""
    issued = flow.issued
    if issued is None or not issued.may_print_again or flow.menu is None:
        return flow, None
    printing = replace(issued, paper=Paper.PRINTING, advice=None, again_used=True)
    order: Effect
    if isinstance(printing, Sent):
        order = PrintReferral(sent=printing, again=True)
    else:
        order = PrintTicket(ticket=printing.ticket, service=printing.service, hall=flow.menu.name, again=True)
    return replace(flow, issued=printing), order
