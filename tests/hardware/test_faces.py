"""Every character that public services must draw is drawn, in the first face that has it; all others are named."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops

from hardware.fonts.boxes import fault_of
from hardware.fonts.faces import FONT_FILES
from hardware.fonts.lettering import Weight, available_faces, draw_line, fit_line, line_metrics, text_length
from protocol.text.repertoire import RANGES, Face, face_of, name_characters, undrawable
from protocol.vocabulary import Text

SIZE = 44
GB_18030_HAN = (  # GB 18030-2022, implementation level 3: 87,887 of them with the twelve below
    range(0x3400, 0x4DB6),
    range(0x4E00, 0x9FF0),
    range(0x20000, 0x2A6D7),
    range(0x2A700, 0x2B735),
    range(0x2B740, 0x2B81E),
    range(0x2B820, 0x2CEA2),
    range(0x2CEB0, 0x2EBE1),
)
GB_18030_COMPATIBILITY = "﨎﨏﨑﨓﨔﨟﨡﨣﨤﨧﨨﨩"
UYGHUR = "ئابپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىيە"


def picture(text: str, *, weight: Weight = "regular", width: int | None = None) -> Image.Image:
    metrics = line_metrics(SIZE, weight)
    wide = round(text_length(text, size=SIZE, weight=weight)) if width is None else width
    drawn = Image.new("L", (wide, metrics.height), 255)
    draw_line(drawn, (0, metrics.ascent), text, size=SIZE, weight=weight, fill=0)
    return drawn


def is_box(sign: str, *, weight: Weight) -> bool:
    """Whether a character is drawn as one that no face has."""
    box = picture("\ue000", weight=weight)
    drawn = picture(sign, weight=weight, width=box.width)
    return ImageChops.difference(box, drawn).getbbox() is None


def test_all_faces_are_installed_here() -> None:
    assert available_faces() == set(Face)


@pytest.mark.parametrize("face", Face)
def test_a_face_claims_only_what_its_fonts_have(face: Face) -> None:
    claimed = {code for word in RANGES[face].split() for code in span(word)}
    for file in (FONT_FILES[face].regular, FONT_FILES[face].bold):
        with TTFont(file.path, fontNumber=file.index, lazy=True) as font:
            assert not claimed - set(font.getBestCmap())


def span(word: str) -> range:
    first, _, last = word.partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)


def test_every_chinese_character_that_gb_18030_requires_of_public_services_has_a_face() -> None:
    characters = [chr(code) for some in GB_18030_HAN for code in some] + list(GB_18030_COMPATIBILITY)
    assert len(characters) == 87887
    assert [sign for sign in characters if face_of(sign) is None] == []


@pytest.mark.parametrize("weight", ["regular", "bold"])
@pytest.mark.parametrize("sign", [*"㐂㮾䶵𠮷𠀀𪜀𫝀𫠠𬺰", *"😊📢⚠✅♿☎", *UYGHUR, *"가⼀"])
def test_what_was_a_box_is_drawn(sign: str, weight: Weight) -> None:
    assert undrawable(sign) == ()
    assert not is_box(sign, weight=weight)


def test_what_our_own_face_has_is_drawn_in_it() -> None:
    assert {face_of(sign) for sign in "竹溪县政务服务中心 A017，①→"} == {Face.HALL}
    assert [face_of(sign) for sign in "㮾𠮷𠀀ە😊"] == [
        Face.HAN,
        Face.HAN,
        Face.RARE_HAN,
        Face.ARABIC,
        Face.PICTOGRAPHS,
    ]


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_no_letter_reaches_beyond_its_line(weight: Weight) -> None:
    """A line of fallback faces is no higher than one of our own: nothing is cut and no line touches the next."""
    for text in (UYGHUR, "قەۋەت ېۇۆۈ لا", "㮾梨街道𠀀𪜀", "😊📢⚠✅"):
        metrics = line_metrics(SIZE, weight)
        tall = Image.new("L", (2000, 3 * metrics.height), 0)
        draw_line(tall, (50, metrics.height + metrics.ascent), text, size=SIZE, weight=weight, fill=255)
        box = tall.getbbox()
        assert box is not None
        _, top, _, bottom = box
        assert metrics.height <= top
        assert bottom <= 2 * metrics.height, text


def test_uyghur_letters_are_joined_and_run_from_right_to_left() -> None:
    word = "مەركىزى"
    alone = sum(text_length(letter, size=SIZE, weight="regular") for letter in word)
    assert text_length(word, size=SIZE, weight="regular") < 0.9 * alone
    first, last = picture("م"), picture(word)
    right = last.crop((last.width - first.width // 2, 0, last.width, last.height))
    assert right.getextrema()[0] == 0, "the first letter stands at the right end"


def test_uyghur_with_numbers_and_brackets_is_in_the_order_in_which_it_is_read() -> None:
    """From the right: word, number in brackets, word, number; brackets open towards the reader."""
    whole = picture("قەۋەت (3) ئىشخانا A017")
    parts = ["A017", " ", "ئىشخانا", " ", "(3)", " ", "قەۋەت"]  # from the left
    left = 0.0
    for part in parts:
        alone = picture(part)
        there = whole.crop((round(left), 0, round(left) + alone.width, alone.height))
        assert abs(ink(there) - ink(alone)) <= 0.1 * ink(alone), part
        left += text_length(part, size=SIZE, weight="regular")


def ink(drawn: Image.Image) -> int:
    """Return how dark a picture is, however a letter lies between two pixels."""
    return sum(255 - grey for grey in drawn.tobytes())


def test_a_letter_and_its_accent_written_apart_are_one() -> None:
    apart = unicodedata.normalize("NFD", "é ü")
    assert undrawable(apart) == ()
    assert picture(apart).tobytes() == picture("é ü").tobytes()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("居民身份证 ID card", ""),
        ("\ue000", "U+E000"),
        ("བོད་", "བ (U+0F56), U+0F7C, ད (U+0F51), ་ (U+0F0B)"),
        ("👨\u200d👩", "U+200D"),
        ("👍🏻", "🏻 (U+1F3FB)"),
        ("🇨🇳", "🇨 (U+1F1E8), 🇳 (U+1F1F3)"),
        ("ᠮᠣᠩ", "ᠮ (U+182E), ᠣ (U+1823), ᠩ (U+1829)"),
        ("葛\U000e0101", "U+E0101"),
        ("⚠\ufe0f 注意", ""),
    ],
)
def test_what_cannot_be_drawn_right_is_named(text: str, named: str) -> None:
    assert name_characters(undrawable(text)) == named


def test_a_line_that_is_too_long_ends_in_an_ellipsis_and_fits() -> None:
    for text in ("竹溪县政务服务中心㮾梨街道", "مەمۇرىي مۇلازىمەت مەركىزى"):
        short = fit_line(text, width=200, size=SIZE, weight="bold")
        assert short.endswith("…")
        assert text.startswith(short[:-1])
        assert text_length(short, size=SIZE, weight="bold") <= 200
    assert fit_line("短", width=200, size=SIZE, weight="bold") == "短"


def test_what_a_device_lacks_is_named_with_its_package() -> None:
    packages = "fonts-noto-cjk fonts-noto-ui-core libfribidi0"
    named = "㮾 (U+3BBE), ە (U+06D5)"
    assert fault_of(("㮾", "ە")) == Text(
        zh=f"这些字符显示为方框：{named}；请安装 {packages} 后重新启动本设备",
        en=f"these characters are drawn as boxes: {named}; install {packages}, then restart this device",
    )
    assert fault_of(("\ue000",)).en == "these characters are drawn as boxes: U+E000"


WITHOUT_FRIBIDI = """
from PIL import Image
from hardware.fonts.boxes import box_fault
from hardware.fonts.lettering import draw_line
draw_line(Image.new("L", (400, 60)), (0, 50), "竹溪县 مەركىزى", size=40, weight="regular", fill=255)
print(box_fault().en)
"""


def test_letters_that_cannot_be_joined_are_boxes_and_never_drawn_wrong(tmp_path: Path) -> None:
    (tmp_path / "libfribidi.so.0").write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_FRIBIDI],
        env={"LD_LIBRARY_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.startswith("these characters are drawn as boxes: م (U+0645), ە (U+06D5), ر (U+0631)")
    assert "libfribidi0" in done.stdout
