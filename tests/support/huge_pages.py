"""Memory in huge pages, which makes forks of a process cheaper: they copy one entry for 2 MiB and not 512."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_HUGE: Final = 2 << 20
# From Linux 6.1 on; see madvise(2).
_COLLAPSE: Final = 25


def collapse() -> None:
    """Ask the kernel to put what this process has allocated so far into huge pages; without these, nothing changes."""
    if sys.platform != "linux":
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in _regions(Path("/proc/self/maps").read_text("utf-8")):
        madvise(start, end - start, _COLLAPSE)


def _regions(maps: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of the heap and of anonymous memory that can be whole huge pages."""
    for line in maps.splitlines():
        addresses, mode, _, _, _, *name = line.split()
        if mode == "rw-p" and name in ([], ["[heap]"]):
            low, high = (int(address, 16) for address in addresses.split("-"))
            start, end = -(-low // _HUGE) * _HUGE, high // _HUGE * _HUGE
            if start < end:
                yield start, end
