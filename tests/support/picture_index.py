"""Writes ``index.html`` into a folder of pictures, so that a person can look at all of them: ``make pictures``."""

from __future__ import annotations

import sys
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

_STYLE = """
body{margin:24px;background:#F7F8FA;color:#14213D;font:18px/1.4 "Noto Sans SC",sans-serif}
section{display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start}
figure{margin:0;width:420px} img{width:100%;border:1px solid #D0D5DD} figcaption{font-size:15px;overflow-wrap:anywhere}
"""


def index(folder: Path) -> str:
    """Return the page: every PNG under ``folder``, by the folder it lies in, by name."""
    pictures = sorted(folder.rglob("*.png"), key=lambda path: (path.parent, path.name))
    rooms = []
    for parent, there in groupby(pictures, key=lambda path: path.parent):
        figures = "".join(_figure(picture, folder) for picture in there)
        rooms.append(f"<h2>{escape(parent.relative_to(folder.parent).as_posix())}</h2><section>{figures}</section>")
    title = f"人们看到的 What people see ({len(pictures)})"
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"</head><body><h1>{title}</h1>{''.join(rooms)}</body></html>"
    )


def _figure(picture: Path, folder: Path) -> str:
    address = quote(picture.relative_to(folder).as_posix())
    name = escape(picture.stem)
    return (
        f'<figure><a href="{address}"><img loading="lazy" src="{address}" alt="{name}"></a>'
        f"<figcaption>{name}</figcaption></figure>"
    )


def main() -> None:
    """Write the page and print its path."""
    folder = Path(sys.argv[1])
    page = folder / "index.html"
    page.write_text(index(folder), encoding="utf-8")
    sys.stdout.write(f"{page}\n")


if __name__ == "__main__":
    main()
