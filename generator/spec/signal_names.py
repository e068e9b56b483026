"""The names of signals in the files of model servers: each must be that of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.finding import Finding
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from generator.core.yaml import Document
    from generator.spec.server import Server


def unknown_signals(files: Iterable[tuple[Document, Server]], known: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for each signal of a server that no file of templates/dashboards/signals/ describes."""
    for document, server in files:
        for name in server.signals:
            if name not in known:
                message = f'found the signal "{name}", expected one of templates/dashboards/signals/'
                hint = closest(name, known) or list_known("signals", sorted(known))
                yield Finding("K04", message, document.key_position(("signals", name)), hint)
