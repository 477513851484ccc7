"""Words that a browser has broken over two lines, seen in the boxes of their characters."""

from __future__ import annotations

from playwright.sync_api import Page

_FIND = """() => {
  const found = [], range = document.createRange();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const alike = [/[A-Za-z]/, /[\\u4e00-\\u9fff]/];
  while (walker.nextNode()) {
    const node = walker.currentNode, text = node.data;
    if (node.parentElement.closest("style, script, noscript, td")) continue;
    let top = null;
    for (let i = 0; i < text.length; i++) {
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      const box = range.getClientRects()[0];
      if (box === undefined) continue;
      const below = top !== null && box.top > top + 3;
      if (below && alike.some((kind) => kind.test(text[i - 1]) && kind.test(text[i])))
        found.push(text.slice(Math.max(0, i - 8), i) + "|" + text.slice(i, i + 8));
      top = box.top;
    }
  }
  return found;
}"""


def broken_words(page: Page) -> list[str]:
    """Return where English words, and Chinese clauses, are broken on a page; ``|`` is the break."""
    found: list[str] = page.evaluate(_FIND)
    return found
