"""Simulated visitors at the real kiosk, with real touches and a screenshot of each step."""

from __future__ import annotations

import random
import shutil
import threading
from pathlib import Path

from demo.devices.screen_camera import ScreenCamera
from demo.narration import Narrator
from demo.people.rhythm import Rhythm, VisitPlan
from demo.people.travellers import Departures
from demo.processes import Program
from demo.setup.site_setup import KIOSK, SiteSetup
from hardware.printer.printer_twin import PrinterTwin
from kiosk.remote_kiosk import RemoteKiosk
from protocol.clients.hub_client import HubClient
from protocol.vocabulary import Language

KEPT = 30
"""Number of visitors whose folders of pictures are kept."""
CALLED_WITHIN_S = 180.0
"""Longest time a visitor waits to be photographed on the hall screen, seconds."""
READS_S = 1.5
"""Time a visitor reads before choosing, seconds; the hub has answered by then whether another site is sooner."""
PAPER_WITHIN_S = 20.0
"""Longest time a visitor waits for the paper, seconds."""
BETWEEN_S = 12.0
"""Pause between two visitors, seconds."""
PLANS = 3
"""Number of drawn visits, of which the one with the longest queue is played: there an offer is likeliest."""


class KioskVisitors(threading.Thread):
    """One visitor after the other, until ``ended``: from the first touch to the call on the hall screen.

    A visitor who accepts an offer leaves for the other site. They come for one of ``services``.
    """

    def __init__(
        self,
        setup: SiteSetup,
        *,
        kiosk: Program,
        printer: PrinterTwin,
        camera: ScreenCamera,
        rhythm: Rhythm,
        departures: Departures,
        services: frozenset[str],
        narrator: Narrator,
        ended: threading.Event,
    ) -> None:
        super().__init__(name="kiosk visitors", daemon=True)
        self._setup = setup
        self._hub = HubClient(setup.hub_address(KIOSK))
        self._kiosk = kiosk
        self._printer = printer
        self._camera = camera
        self._rhythm = rhythm
        self._departures = departures
        self._services = services
        self._narrator = narrator
        self._ended = ended
        self._rng: random.Random = rhythm.random_source(KIOSK)
        self._came = 0

    def run(self) -> None:
        """Let one visitor after the other come until the demo ends."""
        while self._kiosk.running and not self._ended.is_set():
            self._came += 1
            try:
                self._visit(self._next_plan())
            except OSError as error:
                if self._kiosk.running and not self._ended.is_set():
                    self._narrator.report(f"取号机的访客没有办成：{error}", f"a visit at the kiosk failed: {error}")
            self._ended.wait(BETWEEN_S)

    def _next_plan(self) -> VisitPlan:
        """Return what the next visitor comes for: of a few plans the one for which most wait. Raises OSError."""
        waiting = {service.id: service.waiting for service in self._hub.services().services}
        plans = [self._rhythm.served_plan(self._rng, among=self._services) for _ in range(PLANS)]
        return max(plans, key=lambda plan: waiting.get(plan.service, 0))

    def _visit(self, plan: VisitPlan) -> None:
        """Have a ticket issued, get the paper, be called. Raises OSError, KioskNotThere among them."""
        album = Album(self._setup.demo_folder.pictures / f"visitor-{self._came:04d}", self._narrator)
        self._narrator.report(f"访客 {self._came} 走到取号机前", f"visitor {self._came} comes to the kiosk")
        printed = len(self._printer.pages)
        with RemoteKiosk(self._setup.kiosk_socket) as kiosk:
            self._choose(kiosk, plan, album)
            referred = self._wants_offer(kiosk, album) and self._accept_offer(kiosk, album)
            number = referred or self._issue(kiosk, plan, album)
        paper = self._printer.wait_for_pages(printed + 1, within_s=PAPER_WITHIN_S)[printed]
        album.add(paper, "小票", "paper")
        if referred:
            self._departures(referred)
        else:
            threading.Thread(
                target=self._photograph_call, args=(number, album), name=f"waits with {number}", daemon=True
            ).start()
        for old in sorted(self._setup.demo_folder.pictures.glob("visitor-*"))[:-KEPT]:
            shutil.rmtree(old)

    def _choose(self, kiosk: RemoteKiosk, plan: VisitPlan, album: Album) -> None:
        """Touch from the welcome page to the confirm page, or to the offer."""
        kiosk.wait_for_page("welcome")
        if plan.language is Language.EN:
            kiosk.touch_tile("toggle-language")
        service = next(s for s in self._setup.catalogue.services if s.id == plan.service)
        album.photograph(kiosk, "欢迎", "welcome")
        kiosk.touch_tile("start")
        kiosk.wait_for_page("department")
        album.photograph(kiosk, "部门", "departments")
        kiosk.touch_tile(f"choose-department:{service.department}")
        if kiosk.wait_for_page("service", "confirm", "offer")["page"] == "service":
            album.photograph(kiosk, "事项", "services")
            kiosk.touch_tile(f"choose-service:{service.id}")
        kiosk.wait_for_page("confirm", "offer")

    def _wants_offer(self, kiosk: RemoteKiosk, album: Album) -> bool:
        """Read the wait here, and an offer if there is one; return whether the visitor accepts it."""
        self._ended.wait(READS_S)
        if kiosk.wait_for_page("confirm", "offer")["page"] == "confirm":
            album.photograph(kiosk, "确认", "confirm")
            return False
        album.photograph(kiosk, "两处的等候，访客自己选", "offer")
        return self._rhythm.accepts_offer(self._rng)

    def _accept_offer(self, kiosk: RemoteKiosk, album: Album) -> str | None:
        """Accept the offer; return the number at the other site, None when no place could be kept there."""
        kiosk.touch_tile("choose-offer")
        if kiosk.wait_for_page("referred", "no-place")["page"] == "no-place":
            album.photograph(kiosk, "那边留不了号", "no-place")
            return None
        state = kiosk.wait_for(lambda now: now["paper"] != "printing", what="the paper of a place at another site")
        number: str = state["number"]
        album.photograph(kiosk, "另一处的号码", "number-there")
        kiosk.touch_tile("done")
        return number

    def _issue(self, kiosk: RemoteKiosk, plan: VisitPlan, album: Album) -> str:
        """Have a ticket issued here; return its number."""
        service = next(s for s in self._setup.catalogue.services if s.id == plan.service)
        kiosk.touch_tile("confirm")
        state = kiosk.wait_for(
            lambda now: now["page"] == "number" and now["paper"] != "printing", what="the number with its paper"
        )
        number: str = state["number"]
        album.photograph(kiosk, "号码", "number")
        self._narrator.kiosk_ticket(number, service.name)
        kiosk.touch_tile("done")
        return number

    def _photograph_call(self, number: str, album: Album) -> None:
        """Wait until the number is on the hall screen, and save a picture of it."""
        place = album.next_path("hall-screen")
        if self._camera.take(number, to=place, within_s=CALLED_WITHIN_S, ended=self._ended):
            self._narrator.picture(f"{number} 上了大屏", "on the hall screen", place)


class Album:
    """One visitor's folder of pictures, numbered in the order of the visit."""

    def __init__(self, folder: Path, narrator: Narrator) -> None:
        self.folder = folder
        self._narrator = narrator
        self._count = 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def next_path(self, name: str) -> Path:
        """Return where the next picture goes."""
        self._count += 1
        return self.folder / f"{self._count}-{name}.png"

    def photograph(self, kiosk: RemoteKiosk, zh: str, name: str) -> None:
        """Save a screenshot of the kiosk and narrate it. Raises KioskNotThere."""
        path = self.next_path(name)
        kiosk.save_picture(path.absolute())
        self._narrator.picture(zh, name, path)

    def add(self, picture: Path, zh: str, name: str) -> None:
        """Copy a picture into the folder and narrate it."""
        path = self.next_path(name)
        shutil.copyfile(picture, path)
        self._narrator.picture(zh, name, path)
