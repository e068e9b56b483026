"""The output of `servegen capacity`: rows for programs, table cells and sentences for users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.fleet.capacity.forecast import Answer, Scenario, Usage
from generator.fleet.capacity.wording import cards_text, cores_text, memory_text, shortage_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from generator.fleet.capacity.forecast import Forecast
    from generator.fleet.capacity.plan import ClusterPlan
    from generator.fleet.capacity.pods import Workload
    from generator.fleet.capacity.pools import Pool
    from generator.fleet.model import Fleet

    Row = dict[str, Any]

HEADS: Final = ("CLUSTER", "POOL", "NODES", "RESOURCE", "CAPACITY", *(str(scenario).upper() for scenario in Scenario))
_NO_POOLS: Final = "the platform file has no pools for it"
_NOT_FOUND: Final = "no place was found for all pods, and no proof that there is none"


class Measure(Struct, frozen=True):
    """One resource of a pool: what its nodes have, and what each scenario needs; None if no pod could be planned."""

    pool: Pool
    resource: str
    capacity: int
    needs: Mapping[Scenario, int]
    format: Callable[[int], str]


def measures(plan: ClusterPlan) -> Iterator[Measure]:
    """Yield the resources of each pool: cards if it has any, cores, memory, and pods."""
    for pool in plan.pools:
        usages = {scenario: forecast.usage.get(pool.name, Usage()) for scenario, forecast in plan.forecasts.items()}
        cards = pool.nodes * 100 * pool.cards // pool.parts
        if pool.cards:
            yield Measure(pool, "cards", cards, {s: one.cards for s, one in usages.items()}, cards_text)
        yield Measure(pool, "cpu", pool.nodes * pool.cpu, {s: one.cpu for s, one in usages.items()}, cores_text)
        yield Measure(
            pool, "memory", pool.nodes * pool.memory, {s: one.memory for s, one in usages.items()}, memory_text
        )
        yield Measure(pool, "pods", pool.nodes * pool.pods, {s: one.pods for s, one in usages.items()}, "{:,}".format)


def cells(plans: Sequence[ClusterPlan]) -> list[list[str]]:
    """Return the lines of the table."""
    return [
        [
            plan.cluster,
            one.pool.name,
            nodes_text(one.pool),
            one.resource,
            one.format(one.capacity),
            *(one.format(one.needs[scenario]) for scenario in Scenario),
        ]
        for plan in plans
        for one in measures(plan)
    ]


def nodes_text(pool: Pool) -> str:
    """Return the number of nodes, as the platform file has it."""
    return str(pool.nodes) if pool.least == pool.nodes else f"{pool.least}~{pool.nodes}"


def sentences(plans: Mapping[str, ClusterPlan | None]) -> Iterator[str]:
    """Yield the answer for each cluster and scenario, with its reason; `plans` is None for a cluster without pools."""
    for cluster, plan in plans.items():
        if plan is None:
            yield f"{cluster}: {Answer.UNKNOWN}: {_NO_POOLS}"
            continue
        for one in plan.misfits:
            yield f"{cluster}: {_name(one)}: a pod fits on no node"
        for forecast in plan.forecasts.values():
            yield f"{cluster}: {forecast.scenario} {forecast.answer}{_why(forecast)}"


def summary(fleet: Fleet, plans: Sequence[ClusterPlan]) -> str | None:
    """Return in one line how much of each cluster autoscalers may take at most.

    Cards are counted where a cluster has some, else cores. A cluster without pools is named if a service asks for a
    card there. None if there is nothing to say.
    """
    known = {plan.cluster: _at_most(plan) for plan in plans}
    asking = {one.environment.cluster for one in fleet.all_instances() if (gpu := one.settings.gpu) and gpu.has_card}
    unknown = [name for name in fleet.platform.clusters if name in asking and name not in known]
    if not known:
        return f"capacity: {Answer.UNKNOWN}, the platform file has no pools" if unknown else None
    parts = [*known.values(), *(f"{name} {Answer.UNKNOWN}, without pools" for name in unknown)]
    return f"capacity: {', '.join(parts)}"


def _at_most(plan: ClusterPlan) -> str:
    usage, pools = plan.forecasts[Scenario.MAXIMUM].usage, plan.pools
    cards = sum(pool.nodes * 100 * pool.cards // pool.parts for pool in pools)
    if cards:
        most = sum(one.cards for one in usage.values())
        return f"{plan.cluster} {cards_text(most)} of {cards_text(cards)} cards at most"
    most, cores = sum(one.cpu for one in usage.values()), sum(pool.nodes * pool.cpu for pool in pools)
    return f"{plan.cluster} {cores_text(most)} of {cores_text(cores)} cores at most"


def rows(plans: Mapping[str, ClusterPlan | None]) -> list[Row]:
    """Return all facts of the plan of each cluster: cores in thousandths, memory in bytes, cards in percent."""
    return [_row(cluster, plan) for cluster, plan in plans.items()]


def _row(cluster: str, plan: ClusterPlan | None) -> Row:
    if plan is None:
        return {"cluster": cluster, "answer": str(Answer.UNKNOWN), "reason": _NO_POOLS}
    return {
        "cluster": cluster,
        "answer": str(plan.answer),
        "misfits": [one.service._asdict() for one in plan.misfits],
        "scenarios": {str(scenario): _forecast(forecast) for scenario, forecast in plan.forecasts.items()},
        "pools": [_pool(plan, pool) for pool in plan.pools],
    }


def _forecast(forecast: Forecast) -> Row:
    return {
        "answer": str(forecast.answer),
        "reason": _reason(forecast),
        "first": forecast.first.service._asdict() if forecast.first is not None else None,
        "further": forecast.further,
    }


def _pool(plan: ClusterPlan, pool: Pool) -> Row:
    capacity = Usage(
        pool.nodes * 100 * pool.cards // pool.parts,
        pool.nodes * pool.cpu,
        pool.nodes * pool.memory,
        pool.nodes * pool.pods,
    )
    needs = {str(scenario): one.usage.get(pool.name, Usage())._asdict() for scenario, one in plan.forecasts.items()}
    nodes = {"min": pool.least, "max": pool.nodes}
    return {"pool": pool.name, "card": pool.card or None, "nodes": nodes, "capacity": capacity._asdict(), **needs}


def _why(forecast: Forecast) -> str:
    reason = _reason(forecast)
    if reason is None:
        return ""
    others = f" and {forecast.further:,} others" if forecast.further else ""
    first = f"; first without room: {_name(forecast.first)}{others}" if forecast.first is not None else ""
    return f": {reason}{first}"


def _reason(forecast: Forecast) -> str | None:
    if forecast.answer is Answer.FITS:
        return None
    if forecast.shortage is not None:
        return shortage_text(forecast.shortage)
    return f"pods have rules that are not planned: {', '.join(forecast.beyond)}" if forecast.beyond else _NOT_FOUND


def _name(one: Workload) -> str:
    return f"{one.service.project}/{one.service.app}/{one.service.name} in {one.service.environment}"
