"""The parts of docs/benchmark.md that a run of `make bench` writes: each is between two comments with its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmark.md"


def write_part(page: Path, name: str, text: str) -> None:
    """Replace a part of a page. Raises SystemExit if the page has no such part."""
    begin, end = f"<!-- {name}: `make bench` writes this -->\n", f"<!-- end of {name} -->\n"
    before = page.read_text(encoding="utf-8")
    part = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    after, count = part.subn(lambda _: f"{begin}\n{text}\n\n{end}", before)
    if count != 1:
        raise SystemExit(f"{page} has {count} parts between {begin.strip()} and {end.strip()}, expected 1")
    page.write_text(after, encoding="utf-8")
