"""What a client would find while controllers work: which services have a host, and how many pods are ready for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

    from tests.e2e.kube import Kube, Tree

_PERIOD_SECONDS: Final = 0.05
ROUTES: Final = ("networking.istio.io/v1", "virtualservices")
_SLICES: Final = ("discovery.k8s.io/v1", "endpointslices")


@dataclass(frozen=True, slots=True)
class Moment:
    """One sample: seconds since the start, the services that the host leads to, and each service's ready pods."""

    second: float
    owners: tuple[str, ...]
    ready: dict[str, int]

    @property
    def served(self) -> int:
        """The ready pods of the owner that has the fewest; 0 if no service has the host."""
        return min((self.ready.get(owner, 0) for owner in self.owners), default=0)


@dataclass(slots=True)
class Timeline:
    """Samples a namespace every 50 ms during the `with` block; `moments` has the samples in which something changed.

    Pods are counted as a gateway counts them: endpoints that are ready. A sample during which the route changed is
    taken again, so that a moment never combines the states of two times.
    """

    kube: Kube
    namespace: str
    host: str
    moments: list[Moment] = field(default_factory=list)
    looks: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _fault: BaseException | None = None
    _begun: float = 0

    def __enter__(self) -> Self:
        """Start sampling."""
        self._begun = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop sampling. An error that occurred while sampling is raised here, unless the block raised one."""
        self._stop.set()
        assert self._thread is not None
        self._thread.join()
        if self._fault is not None and error is None:
            raise self._fault

    def now(self) -> Moment:
        """Take one sample."""
        while True:
            owners = self._owners()
            ready = self._ready()
            if self._is_last(owners, ready) or owners == self._owners():
                return Moment(round(time.monotonic() - self._begun, 2), owners, ready)

    def report(self) -> str:
        """Return all moments, a line each."""
        return "\n".join(f"{one.second:7.2f} s  {','.join(one.owners) or '-'}  {one.ready}" for one in self.moments)

    def _run(self) -> None:
        try:
            stopped = False
            while not stopped:
                # One sample follows the stop, so that what the block has just seen is among the moments.
                stopped = self._stop.wait(_PERIOD_SECONDS)
                moment = self.now()
                self.looks += 1
                if not self._is_last(moment.owners, moment.ready):
                    self.moments.append(moment)
        except BaseException as fault:
            self._fault = fault

    def _is_last(self, owners: tuple[str, ...], ready: dict[str, int]) -> bool:
        return bool(self.moments) and (self.moments[-1].owners, self.moments[-1].ready) == (owners, ready)

    def _owners(self) -> tuple[str, ...]:
        routes = [tree for tree in self.kube.list(*ROUTES, self.namespace) if self.host in tree["spec"]["hosts"]]
        return tuple(sorted({name for tree in routes for name in _destinations(tree)}))

    def _ready(self) -> dict[str, int]:
        counts = dict[str, int]()
        for tree in self.kube.list(*_SLICES, self.namespace):
            service = tree["metadata"]["labels"]["kubernetes.io/service-name"]
            ready = [one for one in tree.get("endpoints") or () if one["conditions"].get("ready")]
            counts[service] = counts.get(service, 0) + len(ready)
        return counts


def _destinations(route: Tree) -> list[str]:
    """Return the services that the last rule of a route leads to, which is the rule that matches everything."""
    return [one["destination"]["host"].split(".")[0] for one in route["spec"]["http"][-1]["route"]]
