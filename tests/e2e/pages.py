"""A stand-in for what Prometheus scrapes in a cluster: the pages of fixtures/pages/, whose counters grow.

The names and the labels are those that the programs print (each page has its source); the values are made up. A page
of a server is a target with the labels that a PodMonitor gives it; those of other exporters say themselves which pod
they are about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final

from tests.e2e.measured import job

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGES: Final = Path(__file__).parent / "fixtures" / "pages"
_KIND: Final = re.compile(r"# TYPE (\S+) (\w+)")
_GROWING: Final = ("counter", "histogram", "summary")
_EXPORTER: Final = {"namespace": "monitoring", "pod": "exporter-0"}


@dataclass(frozen=True, slots=True)
class Watched:
    """A service with one pod, and the pages about it: of its server, and of the exporter of the load of cards."""

    namespace: str
    service: str
    server: str
    cards: str

    @property
    def names(self) -> dict[str, str]:
        """What stands for the names in pages."""
        replica_set = f"{self.service}-5d7f8c9b4"
        pod = {"replicaset": replica_set, "pod": f"{replica_set}-abcde"}
        return {"namespace": self.namespace, "service": self.service, **pod}


@dataclass(slots=True)
class Pages:
    """The pages of services by path. Each time that one is read, its counters have grown."""

    services: list[Watched]
    _reads: dict[str, int] = field(default_factory=dict)

    def jobs(self, port: int) -> list[dict[str, Any]]:
        """Return what scrapes them: exporters keep their own labels, except HAMi's, which Prometheus renames."""
        found = []
        for number, one in enumerate(self.services):
            own = {key: one.names[key] for key in ("namespace", "pod")}
            for page, labels in ((one.server, own), ("cluster", _EXPORTER), (one.cards, _EXPORTER)):
                if (_PAGES / f"{page}.txt").is_file():
                    scrape = job(f"{page}-{number}", port, f"/{number}/{page}", labels)
                    found.append({**scrape, "honor_labels": page in ("cluster", "dcgm")})
        return found

    def text(self, path: str) -> str:
        """Return a page in the format of Prometheus."""
        _, number, page = path.split("/")
        self._reads[path] = self._reads.get(path, 0) + 1
        template = Template((_PAGES / f"{page}.txt").read_text(encoding="utf-8"))
        return "".join(_grown(template.substitute(self.services[int(number)].names), self._reads[path]))


def _grown(text: str, factor: int) -> Iterator[str]:
    """Yield the lines of a page with the values of counters multiplied."""
    kind = ""
    for line in text.splitlines():
        if found := _KIND.match(line):
            kind = found[2]
        if line.startswith("#") or kind not in _GROWING:
            yield f"{line}\n"
        else:
            name, _, value = line.rpartition(" ")
            yield f"{name} {float(value) * factor}\n"
