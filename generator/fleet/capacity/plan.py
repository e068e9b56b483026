"""The capacity plan of a cluster: the pods that fit no node at all, and a forecast for each scenario.

All environments of a cluster are planned together, as one scheduler sees them. A rollout and a takeover are planned one
at a time, beside all services at their least: what fails then fails at the quietest hour.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.fleet.capacity.bounds import find_shortage
from generator.fleet.capacity.forecast import Answer, Forecast, Scenario, Usage, add_usage, larger_of, measure
from generator.fleet.capacity.packing import ORDERS, Packing, SearchLimit, choose_pools, pack
from generator.fleet.capacity.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from generator.fleet.capacity.pods import Workload
    from generator.fleet.capacity.pools import Pool

    # Pods by their kind, and pods that are added to them.
    PodCounts = Counter[int]
    Extra = tuple[tuple[int, int], ...]

# How many rollouts or takeovers that find no place beside the others are planned from the start.
_RETRIES: Final = 16


class ClusterPlan(Struct, frozen=True):
    """The plan of one cluster. `misfits` have pods that fit on no empty node; the forecasts leave them out."""

    cluster: str
    pools: tuple[Pool, ...]
    workloads: tuple[Workload, ...]
    misfits: tuple[Workload, ...]
    forecasts: Mapping[Scenario, Forecast]

    @property
    def answer(self) -> Answer:
        """Whether all pods that must run have a place."""
        return Answer.DOES_NOT_FIT if self.misfits else self.forecasts[Scenario.MINIMUM].answer


def plan_cluster(cluster: str, pools: tuple[Pool, ...], workloads: Sequence[Workload]) -> ClusterPlan:
    """Return the plan of a cluster. `workloads` include those that a roll-back would start."""
    site = Site(tuple(pool for pool in pools if pool.nodes))
    ordered = sorted(workloads, key=lambda one: (one.order, one.service))
    kinds = [site.kind_of(one.shape) for one in ordered]
    alone = [site.fits_alone(kind) for kind in range(len(site.kinds))]
    misfits = [one for one, kind in zip(ordered, kinds, strict=True) if one.successor is None and not alone[kind]]
    fitting = [(one, kind) for one, kind in zip(ordered, kinds, strict=True) if alone[kind]]
    return ClusterPlan(cluster, pools, tuple(ordered), tuple(misfits), _Planner(site, fitting).forecasts())


@dataclass(slots=True)
class _Planner:
    """Makes the forecasts of `startable`, workloads with the kind of their pods."""

    site: Site
    startable: list[tuple[Workload, int]]
    running: list[tuple[Workload, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.running = [(one, kind) for one, kind in self.startable if one.successor is None]

    def forecasts(self) -> dict[Scenario, Forecast]:
        least, most = (_count(self.running, scenario) for scenario in (Scenario.MINIMUM, Scenario.MAXIMUM))
        base = pack(self.site, least, SearchLimit())
        minimum = self._of_all(Scenario.MINIMUM, least, base)
        maximum = replace(minimum, scenario=Scenario.MAXIMUM)
        if most != least:
            maximum = self._of_all(Scenario.MAXIMUM, most, pack(self.site, most, SearchLimit()))
        surge = self._of_each(replace(minimum, scenario=Scenario.SURGE), least, base, _rollouts(self.running))
        takeover = replace(minimum, scenario=Scenario.TAKEOVER)
        takeover = self._of_each(takeover, least, base, _takeovers(self.startable))
        return {one.scenario: one for one in (minimum, maximum, surge, takeover)}

    def _of_all(self, scenario: Scenario, demand: PodCounts, packing: Packing) -> Forecast:
        forecast = self._judge(scenario, demand, packing)
        return replace(forecast, first=self._first(scenario)) if packing.left else forecast

    def _judge(self, scenario: Scenario, demand: PodCounts, packing: Packing) -> Forecast:
        """Return the forecast for pods that have been packed."""
        answer, shortage = Answer.FITS, None
        beyond: tuple[str, ...] = ()
        if packing.left:
            shortage = find_shortage(self.site, demand)
            answer = Answer.UNKNOWN if shortage is None else Answer.DOES_NOT_FIT
        elif beyond := self._beyond(demand):
            answer = Answer.UNKNOWN
        return Forecast(scenario, answer, measure(packing), shortage, beyond=beyond)

    def _beyond(self, demand: Iterable[int]) -> tuple[str, ...]:
        return tuple(sorted({rule for kind in demand for rule in self.site.kinds[kind].beyond}))

    def _first(self, scenario: Scenario) -> Workload:
        """Return the first workload that has no place beside those before it; one that does not grow comes early."""
        running = self.running
        if scenario is Scenario.MAXIMUM:
            running = sorted(running, key=lambda entry: entry[0].most > entry[0].least)
        low, high, budget = 0, len(running) - 1, SearchLimit()
        while low < high:
            middle = (low + high) // 2
            demand = _count(running[: middle + 1], scenario)
            if pack(self.site, demand, budget, ORDERS[:1]).left:
                high = middle
            else:
                low = middle + 1
        return running[low][0]

    def _of_each(
        self, minimum: Forecast, least: PodCounts, base: Packing, extras: Iterable[tuple[Workload, Extra]]
    ) -> Forecast:
        """Return the forecast of each of `extras` alone beside the least, in one."""
        if minimum.answer is Answer.DOES_NOT_FIT:
            return minimum
        budget, again, retries = SearchLimit(), SearchLimit(), _RETRIES
        known: dict[Extra, Forecast] = {}
        found = []
        for workload, extra in extras:
            if extra not in known:
                known[extra] = forecast = self._of_one(minimum, base, extra, budget)
                if forecast.answer is Answer.UNKNOWN and not forecast.beyond and retries and again.steps > 0:
                    retries -= 1
                    known[extra] = self._from_the_start(forecast, least, extra, again)
            found.append((workload, known[extra]))
        return _worst(minimum, found)

    def _of_one(self, minimum: Forecast, base: Packing, extra: Extra, budget: SearchLimit) -> Forecast:
        """Return whether pods find room beside those that are placed."""
        usage = add_usage(minimum.usage, self.site, extra)
        if base.left or not self._have_room(base, extra, budget):
            return replace(minimum, answer=Answer.UNKNOWN, usage=usage, beyond=())
        beyond = {*minimum.beyond, *self._beyond(kind for kind, _ in extra)}
        answer = Answer.UNKNOWN if beyond else Answer.FITS
        return replace(minimum, answer=answer, usage=usage, beyond=tuple(sorted(beyond)))

    def _have_room(self, base: Packing, extra: Extra, budget: SearchLimit) -> bool:
        if len(extra) == 1:
            return base.fits(*extra[0], budget)
        packing = base.copy()
        for kind, count in extra:
            packing.add(kind, count, choose_pools(self.site, kind, {}), budget)
        return not packing.left

    def _from_the_start(self, forecast: Forecast, least: PodCounts, extra: Extra, budget: SearchLimit) -> Forecast:
        """Return the forecast for pods that found no room beside the others, if all are packed together."""
        demand = least + Counter(dict(extra))
        packing = pack(self.site, demand, budget)
        return replace(self._judge(forecast.scenario, demand, packing), usage=forecast.usage)


def _count(workloads: Iterable[tuple[Workload, int]], scenario: Scenario) -> PodCounts:
    """Return how many pods of each kind run if each workload is at its least, or at its most."""
    demand: PodCounts = Counter()
    for one, kind in workloads:
        demand[kind] += one.most if scenario is Scenario.MAXIMUM else one.least
    return demand


def _rollouts(running: Iterable[tuple[Workload, int]]) -> Iterator[tuple[Workload, Extra]]:
    """Yield the pods that a rollout of each app in an environment adds, with the first workload of the app."""
    apps: dict[tuple[str, ...], tuple[Workload, dict[int, int]]] = {}
    for one, kind in running:
        if one.surge:
            _, extra = apps.setdefault(one.service[:3], (one, {}))
            extra[kind] = extra.get(kind, 0) + one.surge
    yield from ((one, tuple(sorted(extra.items()))) for one, extra in apps.values())


def _takeovers(startable: Iterable[tuple[Workload, int]]) -> Iterator[tuple[Workload, Extra]]:
    """Yield the pods with which a next version of each service starts, or an earlier one at a roll-back."""
    yield from ((one, ((kind, one.start),)) for one, kind in startable)


def _worst(minimum: Forecast, found: list[tuple[Workload, Forecast]]) -> Forecast:
    """Return the worst of the forecasts, with the largest usage of all, and how many others are as bad."""
    usage: Mapping[str, Usage] = minimum.usage
    for forecast in {id(one): one for _, one in found}.values():
        usage = larger_of(usage, forecast.usage)
    for answer in (Answer.DOES_NOT_FIT, Answer.UNKNOWN):
        bad = [(workload, one) for workload, one in found if one.answer is answer]
        if bad:
            first, one = bad[0]
            return replace(one, usage=usage, first=None if one.beyond else first, further=len(bad) - 1)
    return replace(minimum, usage=usage)
