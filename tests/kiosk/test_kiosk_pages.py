"""Every page in both languages and text sizes, on the screens kiosks have: readable, touchable, and really painted."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hardware.printer_faults import PrinterFault
from kiosk import events as e
from kiosk import words
from kiosk.screens.pages import draw
from kiosk.screens.scene import Code, Format, Line, Rect, Scene
from kiosk.state import Page, page
from protocol import look
from protocol.messages import Language, PrintOutcome, ServicesAnswer, TicketAnswer

FULL_HD = Format(width_px=1920, height_px=1080)
SMALL = Format(width_px=1280, height_px=800)
UPRIGHT = Format(width_px=1080, height_px=1920)
FORMATS = {"1920x1080": FULL_HD, "1280x800": SMALL, "1080x1920": UPRIGHT}
MOODS = {"zh": (), "en": (e.ToggleLanguage(),), "zh-large": (e.ToggleSize(),), "en-large": (e.ToggleLanguage(), e.ToggleSize())}
WAYS = {
    "zh": (Language.ZH, False),
    "en": (Language.EN, False),
    "zh-large": (Language.ZH, True),
    "en-large": (Language.EN, True),
}


@pytest.fixture
def album(visitor, menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]):
    """Return a visitor at every page, by name, for a way of reading."""

    def make(way: str):
        reader = visitor.twin().does(*MOODS[way])
        tiles = reader.twin().does(e.Start())
        police = tiles.twin().does(e.ChooseDepartment(department=menu.departments[0].id))
        confirm = police.twin().does(e.ChooseService(service="id-card"))
        asking = confirm.twin().does(e.Confirm())
        number = asking.twin().does(
            e.TicketCame(request_id=asking.flow.request.request_id, ticket=ticket_of(confirm.flow.service))
        )
        no_paper = words.paper_advice(PrinterFault.PAPER_OUT, outcome=PrintOutcome.FAILED, number="A017")
        mute = words.paper_advice(PrinterFault.MUTE, outcome=PrintOutcome.UNKNOWN, number="A017")
        many = [menu.services[0].model_copy(update={"id": f"s-{i}", "name": s.name}) for i, s in enumerate(menu.services)]
        return {
            "welcome": reader,
            "departments": tiles,
            "departments-2": tiles.twin().does(e.TurnTo(leaf=1)),
            "services": police,
            "search": police.twin().with_menu(services=many),
            "letters": police.twin().with_menu(services=many).does(e.OpenLetters()),
            "confirm": confirm,
            "confirm-unknown": police.twin().does(e.ChooseService(service="household")),
            "priority": confirm.twin().does(e.OpenPriorities()),
            "warning": confirm.twin().waits(47),
            "asking": asking,
            "refused": asking.twin().does(
                e.TicketRefused(request_id=asking.flow.request.request_id, message=words.NOT_OFFERED)
            ),
            "number-printing": number,
            "number-printed": number.twin().does(e.PrintEnded(ticket="t-1", outcome=PrintOutcome.PRINTED)),
            "number-no-paper": number.twin().does(
                e.PrintEnded(ticket="t-1", outcome=PrintOutcome.FAILED, advice=no_paper)
            ),
            "number-unsure": number.twin().does(
                e.PrintEnded(ticket="t-1", outcome=PrintOutcome.UNKNOWN, advice=mute)
            ),
            "help": confirm.twin().does(e.OpenHelp()),
            "staff": reader.twin().does(e.HubLost()),
            "staff-unanswered": asking.twin().does(
                e.TicketUnanswered(request_id=asking.flow.request.request_id)
            ),
            "closed": reader.twin().with_menu(open=False, opens_at="13:30"),
        }

    return make


def scene_of(standing, form: Format) -> Scene:
    return draw(standing.flow, form, at=standing.now, public_url="http://192.168.1.10:8080")


@pytest.mark.skipif("JIAOHAO_PICTURES" not in os.environ, reason="x")
def test_pictures(album, tmp_path: Path) -> None:
    folder = Path(os.environ["JIAOHAO_PICTURES"]) / "kiosk"
    for name, form in FORMATS.items():
        (folder/name).mkdir(parents=True, exist_ok=True)
        scenes = {f"{page_name}.{way}": scene_of(standing, form) for way in MOODS for page_name, standing in album(way).items()}
        pickled = tmp_path / f"{name}.pickle"
        pickled.write_bytes(pickle.dumps(scenes))
        subprocess.run([sys.executable, str(Path(__file__).parent / "paint_scenes.py"), str(pickled), str(folder/name), str(form.width_px), str(form.height_px)], check=True, env={**os.environ,"PYTHONPATH":str(Path(__file__).parents[2])})
