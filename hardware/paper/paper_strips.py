"""Draws strips of paper: each is a grey picture of the full paper width, ready to be stacked from top to bottom.

White is 255. Text keeps its soft edges here; the finished paper is reduced to black and white once, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PIL import Image, ImageDraw, ImageOps
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.base import BaseImage
from qrcode.main import QRCode

from hardware.fonts.bidi_levels import keep_direction
from hardware.fonts.lettering import Weight, draw_line, line_metrics, text_length
from hardware.paper.text_wrapping import wrap_balanced, wrap_text

MARGIN = 16
"""Width of the white left and right edge, where thermal heads print pale, px."""
TICK_BOX = 26
"""Side of a box to tick, px."""
ARROW_WIDTH = 64
"""Indent of the text behind an arrow, px."""
WHITE, BLACK = 255, 0
_LINE_HEIGHT, _BASELINE = 1.28, 1.02
"""Height of a line, and of its baseline below the line's top, in font sizes."""
_NARROWEST = 0.55
"""Least share of its natural width to which a number is squeezed; a longer one is drawn smaller."""


def draw_blank(width: int, height: int) -> Image.Image:
    """Return ``height`` px of unprinted paper."""
    return Image.new("L", (width, height), WHITE)


def stack(strips: Sequence[Image.Image]) -> Image.Image:
    """Return strips of one width joined from top to bottom."""
    picture = draw_blank(strips[0].width, sum(strip.height for strip in strips))
    top = 0
    for strip in strips:
        picture.paste(strip, (0, top))
        top += strip.height
    return picture


def draw_text(
    text: str,
    *,
    width: int,
    size: int,
    weight: Weight = "regular",
    heading: bool = False,
    centred: bool = False,
    left: int = MARGIN,
    right: int = MARGIN,
) -> Image.Image:
    """Return text wrapped between the two margins (px); the lines of a heading are about equally long."""
    measure = partial(text_length, size=size, weight=weight)
    wrap = wrap_balanced if heading or centred else wrap_text
    lines = wrap(text, measure=measure, width=width - left - right)
    step = round(size * _LINE_HEIGHT)
    strip = draw_blank(width, step * len(lines))
    for row, line in enumerate(lines):
        baseline = row * step + round(size * _BASELINE)
        x = (left + width - right - measure(line)) / 2 if centred else left
        draw_line(strip, (x, baseline), keep_direction(line, of=text), size=size, weight=weight, fill=BLACK)
    return strip


def draw_rule(width: int, *, thickness: int = 3, space: int = 10) -> Image.Image:
    """Return a line from margin to margin with ``space`` px above and below."""
    strip = draw_blank(width, thickness + 2 * space)
    ImageDraw.Draw(strip).rectangle((MARGIN, space, width - MARGIN - 1, space + thickness - 1), fill=BLACK)
    return strip


def draw_banner(text: str, *, width: int, size: int) -> Image.Image:
    """Return white text on a black bar, for what nobody may overlook."""
    drawn = draw_text(text, width=width, size=size, weight="bold", centred=True)
    strip = draw_blank(width, drawn.height + 24)
    draw = ImageDraw.Draw(strip)
    draw.rectangle((MARGIN, 4, width - MARGIN - 1, strip.height - 12), fill=BLACK)
    strip.paste(WHITE, (0, 8), drawn.point(lambda grey: WHITE - grey))
    return strip


def draw_number(number: str, *, width: int, height: int) -> Image.Image:
    """Return a number with digits ``height`` px tall, squeezed to the paper and centred.

    A number too long even when squeezed is drawn smaller, so that it never runs off the paper.
    """
    size_px = round(height / 0.77)
    line = line_metrics(size_px, "bold")
    drawn = draw_blank(round(text_length(number, size=size_px, weight="bold")), line.height)
    draw_line(drawn, (0, line.ascent), number, size=size_px, weight="bold", fill=BLACK)
    glyphs = drawn.crop(ImageOps.invert(drawn).getbbox())
    room = width - 2 * MARGIN
    narrow = min(1.0, max(room / glyphs.width, _NARROWEST))
    shrink = min(1.0, room / (glyphs.width * narrow))
    size = (min(room, round(glyphs.width * narrow * shrink)), round(glyphs.height * shrink))
    glyphs = glyphs.resize(size, Image.Resampling.LANCZOS)
    strip = draw_blank(width, glyphs.height + 28)
    strip.paste(glyphs, ((width - glyphs.width) // 2, 10))
    return strip


def draw_arrow(text: str, *, width: int, size: int) -> Image.Image:
    """Return bold text behind a black arrow that points to it."""
    strip = draw_text(text, width=width, size=size, weight="bold", heading=True, left=MARGIN + ARROW_WIDTH)
    draw = ImageDraw.Draw(strip)
    x, middle = MARGIN, round(size * _LINE_HEIGHT / 2)
    draw.rectangle((x, middle - 5, x + 30, middle + 5), fill=BLACK)
    draw.polygon([(x + 26, middle - 17), (x + 50, middle), (x + 26, middle + 17)], fill=BLACK)
    return strip


def draw_tick_box(text: str, small: str | None, *, width: int, size: int, small_size: int) -> Image.Image:
    """Return one thing to bring: an empty box to tick, its name, and the other language below when given."""
    left = MARGIN + TICK_BOX + 14
    strips = [draw_text(text, width=width, size=size, heading=True, left=left)]
    if small is not None:
        strips.append(draw_text(small, width=width, size=small_size, heading=True, left=left))
    strip = stack([*strips, draw_blank(width, 8)])
    top = round(size * _LINE_HEIGHT / 2) - TICK_BOX // 2
    box = (MARGIN, top, MARGIN + TICK_BOX - 1, top + TICK_BOX - 1)
    ImageDraw.Draw(strip).rectangle(box, outline=BLACK, width=3)
    return strip


def encode_qr(address: str) -> list[list[bool]]:
    """Return the QR code of an address without its quiet zone; True is black."""
    code: QRCode[BaseImage] = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(address)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def draw_qr_code(address: str, *, at_least: int) -> Image.Image:
    """Return the QR code with its quiet zone of four modules; the code itself is ``at_least`` px wide."""
    modules = encode_qr(address)
    count = len(modules)
    module = -(-at_least // count)
    picture = Image.new("L", (count, count), WHITE)
    picture.putdata([BLACK if black else WHITE for row in modules for black in row])
    code = picture.resize((count * module, count * module), Image.Resampling.NEAREST)
    framed = Image.new("L", (code.width + 8 * module, code.height + 8 * module), WHITE)
    framed.paste(code, (4 * module, 4 * module))
    return framed
