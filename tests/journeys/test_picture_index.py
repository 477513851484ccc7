"""The page that lists all pictures leaves none out."""

from __future__ import annotations

from pathlib import Path

from picture_index import index


def test_every_picture_is_listed_under_its_folder(tmp_path: Path) -> None:
    names = ["kiosk/1920x1080/welcome.zh.png", "kiosk/1920x1080/welcome.en.png", "web/报表 <1>.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "ticket.png").write_bytes(b"")
    page = index(tmp_path)
    assert page.count("<img ") == len(names) + 1
    assert f"<h2>{tmp_path.name}</h2>" in page
    assert f"<h2>{tmp_path.name}/kiosk/1920x1080</h2>" in page
    assert page.index("welcome.en") < page.index("welcome.zh")
    assert '<img loading="lazy" src="web/%E6%8A%A5%E8%A1%A8%20%3C1%3E.png" alt="报表 &lt;1&gt;">' in page
