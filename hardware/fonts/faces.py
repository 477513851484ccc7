"""The font files of the hall's faces: two of them are part of this system, the others Debian packages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from protocol.text.repertoire import Face

_OPENTYPE = Path("/usr/share/fonts/opentype")
_TRUETYPE = Path("/usr/share/fonts/truetype")
_OURS = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class FontFile:
    """One weight of a face; ``index`` is its place in a collection."""

    path: Path
    index: int = 0


@dataclass(frozen=True, kw_only=True)
class FontFiles:
    """A face in both weights, with the Debian package that provides it; empty for our own."""

    regular: FontFile
    bold: FontFile
    package: str = ""
    thickened_regular: float = 0
    thickened_bold: float = 0
    """Thickness added around the strokes of a face that has one weight, or a thin one; font sizes."""

    @property
    def installed(self) -> bool:
        """Whether both files are there."""
        return self.regular.path.is_file() and self.bold.path.is_file()


_SYMBOLA = FontFile(path=_TRUETYPE / "ancient-scripts" / "Symbola_hint.ttf")
_HANAMIN = FontFile(path=_TRUETYPE / "hanazono" / "HanaMinB.ttf")

FONT_FILES = {
    Face.HALL: FontFiles(
        regular=FontFile(path=_OURS / "NotoSansSC-Regular.otf"), bold=FontFile(path=_OURS / "NotoSansSC-Bold.otf")
    ),
    Face.HAN: FontFiles(  # the collection's first font has Japanese forms, its third the Simplified Chinese ones
        regular=FontFile(path=_OPENTYPE / "noto" / "NotoSansCJK-Regular.ttc", index=2),
        bold=FontFile(path=_OPENTYPE / "noto" / "NotoSansCJK-Bold.ttc", index=2),
        package="fonts-noto-cjk",
    ),
    Face.ARABIC: FontFiles(
        regular=FontFile(path=_TRUETYPE / "noto" / "NotoSansArabicUI-Regular.ttf"),
        bold=FontFile(path=_TRUETYPE / "noto" / "NotoSansArabicUI-Bold.ttf"),
        package="fonts-noto-ui-core",
    ),
    Face.PICTOGRAPHS: FontFiles(regular=_SYMBOLA, bold=_SYMBOLA, package="fonts-symbola", thickened_bold=0.02),
    Face.RARE_HAN: FontFiles(  # its hairlines would be lost on thermal paper
        regular=_HANAMIN, bold=_HANAMIN, package="fonts-hanazono", thickened_regular=0.016, thickened_bold=0.04
    ),
}
