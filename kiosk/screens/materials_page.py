"""The whole list of what to bring, on as many pages as it needs: nothing of it is cut or left out."""

from __future__ import annotations

from kiosk import wording
from kiosk.screens.display_list import Rect
from kiosk.screens.page_builder import (
    GAP,
    PageBuilder,
    body_rect,
    draw_back,
    draw_help_button,
    draw_paging,
    paging_rect,
)
from kiosk.screens.typesetting import TextRun, fits
from kiosk.state import events as e
from kiosk.state.kiosk_state import KioskState
from protocol import theme
from protocol.answers import ServiceAnswer
from protocol.theme import TOUCH_TARGET
from protocol.vocabulary import Language, Text

_TITLE, _TITLE_LARGE = 144.0, 184.0
_PADDING = (28.0, 16.0)


def draw_materials(page: PageBuilder, state: KioskState) -> None:
    """Draw the page of the list that the visitor has turned to."""
    service = state.service
    if service is None:
        return
    place, height = body_rect(page), _TITLE_LARGE if page.large else _TITLE
    title = Text(zh=f"{wording.BRING.zh}：{service.name.zh}", en=f"{wording.BRING.en}: {service.name.en}")
    page.write(title, Rect(place.x, place.y, place.w, height - GAP), size=64, second=None, bold=True)
    bottom = paging_rect(page).y - GAP if page.screen.upright else place.bottom
    box = Rect(place.x, place.y + height, place.w, bottom - place.y - height)
    page.draw_box(box, fill=theme.WHITE, edge=theme.LINE)
    pages = _pages(page, service, box.inset(*_PADDING))
    index = min(state.materials or 0, len(pages) - 1)
    page.write_runs(pages[index], box.inset(*_PADDING), vertical="top")
    draw_paging(page, index, len(pages), lambda turned: e.ShowMaterials(index=turned))
    draw_back(page)
    draw_help_button(page)


def _pages(page: PageBuilder, service: ServiceAnswer, room: Rect) -> list[list[TextRun]]:
    """Return the list in pages, none of them higher than there is room; no item is on two of them."""
    pages: list[list[TextRun]] = [[]]
    for material in service.materials:
        item = [ticked(page, material), *_on_the_document(page, material)]
        if pages[-1] and not fits([*pages[-1], *item], room):
            pages.append([])
        pages[-1] += item
    return pages


def ticked(page: PageBuilder, material: Text) -> TextRun:
    """Return one thing to bring, behind a box as on the paper."""
    return TextRun(text=material.in_language(page.language), size=page.scaled(36), colour=theme.INK, mark="□ ")


def _on_the_document(page: PageBuilder, material: Text) -> list[TextRun]:
    """Return what stands on the document itself, for readers of English."""
    if page.language is Language.ZH or material.zh == material.en:
        return []
    size = page.scaled(theme.KIOSK_SIZES[0])
    return [TextRun(text=material.zh, size=size, colour=theme.QUIET, mark="□ ", continued=True)]


def draw_materials_button(page: PageBuilder, count: int, rect: Rect) -> Rect:
    """Draw the button that opens the list at the foot of a place; return the place above it."""
    button = Rect(rect.x, rect.bottom - TOUCH_TARGET, rect.w, TOUCH_TARGET)
    page.draw_button(button, wording.all_materials(count), e.ShowMaterials(index=0))
    return Rect(rect.x, rect.y, rect.w, rect.h - TOUCH_TARGET - GAP)
