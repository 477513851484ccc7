"""Noto Sans SC (Simplified Chinese forms, GBK repertoire): the same two files for screens and tickets."""

from __future__ import annotations

from pathlib import Path

REGULAR = Path(__file__).parent / "NotoSansSC-Regular.otf"
BOLD = Path(__file__).parent / "NotoSansSC-Bold.otf"
