"""Papers as pictures: where their dots are, and that the printer prints exactly those."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from picture_folder import picture_folder
from PIL import Image, ImageOps

from hardware.paper.paper_strips import MARGIN
from hardware.paper.paper_width import PaperWidth
from hardware.printer.open_printer import open_printer
from hardware.printer.printer import PrintResult
from hardware.printer.printer_settings import NetworkPrinter
from hardware.printer.printer_twin import PrinterTwin
from protocol.vocabulary import PaperState, PrintOutcome


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """Return the box around all that is printed."""
    box = ImageOps.invert(picture.convert("L")).getbbox()
    assert box is not None
    return box


def check_margins(picture: Image.Image, *, width: PaperWidth) -> None:
    """Check that nothing runs off a paper of this width."""
    left, top, right, bottom = ink(picture)
    assert (picture.mode, picture.width) == ("1", width)
    assert left >= MARGIN
    assert right <= width - MARGIN
    assert top >= 4
    assert bottom <= picture.height - 8


def qr_corner(picture: Image.Image, modules: list[list[bool]], module: int) -> tuple[int, int]:
    """Return where the first row of a QR code's modules is printed, each ``module`` dots wide."""
    row = b"".join((b"\x00" if black else b"\xff") * module for black in modules[0])
    dots = picture.convert("L").tobytes()
    for top in range(picture.height):
        at = dots[top * picture.width : (top + 1) * picture.width].find(row)
        if at >= 0:
            return at, top
    raise AssertionError("no QR code on the paper")


def check_printed(draw: Callable[[PaperWidth], Image.Image], folder: Path, *, width: PaperWidth, name: str) -> None:
    """Print a paper on the simulated printer and check that it has exactly the drawn dots; save it for people."""
    paper_mm = 80 if width is PaperWidth.MM_80 else 58
    with PrinterTwin(folder, width=width) as twin:
        printer = open_printer(NetworkPrinter(driver="network", host="127.0.0.1", port=twin.port, paper_mm=paper_mm))
        picture = draw(printer.paper_width)
        result = printer.print_ticket(picture)
        (page,) = twin.pages
    assert result == PrintResult(outcome=PrintOutcome.PRINTED, paper=PaperState.OK)
    with Image.open(page) as paper:
        assert paper.tobytes() == picture.tobytes()
        paper.save(picture_folder("", otherwise=folder) / f"{name.format(paper_mm=paper_mm)}.png")
