"""The maximum need of a namespace, compared with a simulation that starts every pod of every takeover one by one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks.context import CheckContext
from generator.checks.fleet.q02_quota import check
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import resolve_fleet
from generator.spec.values.quantity import amount
from tests.support.fuzz import examples

LIBRARY: Final = TemplateLoader((templates_root(),))
KEYS: Final = ("cpu", "memory", "gpu", "pods")
# A quota so small that the check reports every key, with the amount that may be needed.
PLATFORM: Final = """\
servegen: ~=1.0
delivery: {tool: argocd, repository: "https://git.example.com/team/models.git"}
clusters:
  main: {domain: example.com, gateways: managed, gpu: {backend: hami}}
environments:
  prod: {cluster: main, stage: prod, quota: {cpu: 1m, memory: 1M, gpu: 0, pods: 0}}
"""


@dataclass(frozen=True)
class Service:
    """One spec of the simulated fleet. Several specs may name the same `host`; `day` is the day of the release."""

    name: str
    host: int | None
    day: int
    low: int
    high: int
    start: int | None
    cpu: int
    memory: int
    cards: int
    sidecar: bool

    def spec(self) -> str:
        start = f", start: {self.start}" if self.start is not None else ""
        lines = [
            "model: m",
            f"version: v{self.name.partition('-')[2]}",
            "type: triton-server",
            "command: run",
            f"replicas: {{min: {self.low}, max: {self.high}{start}}}",
            "hpa: cpu:50%",
            f'resources: {{cpu: {self.cpu}m, memory: {self.memory}M, gpu: "{self.cards}"}}',
            f"environments: {{prod: {{released: 2026-11-{self.day:02}T10:00:00Z}}}}",
            *([f"host: h{self.host}.example.com"] if self.host is not None else []),
            *(["sidecar: istio"] if self.sidecar else []),
        ]
        return "\n".join(lines) + "\n"

    @property
    def first(self) -> int:
        """The initial number of replicas. A fixed number has no autoscaler, and only an autoscaler reads `start`."""
        return self.start if self.start is not None and self.low < self.high else self.low

    def pod(self) -> dict[str, Fraction]:
        """The need of one pod: cores, megabytes (both including its proxy: 100m, 128Mi), cards, and one pod."""
        proxy = Fraction(128 * 2**20, 10**6) if self.sidecar else Fraction(0)
        cpu = Fraction(self.cpu + (100 if self.sidecar else 0), 1000)
        return {"cpu": cpu, "memory": self.memory + proxy, "gpu": Fraction(self.cards), "pods": Fraction(1)}

    def surging(self, replicas: int) -> int:
        """The number of pods during a rollout; with whole cards, old pods end first."""
        return replicas if self.cards else replicas + math.ceil(Fraction(replicas, 4))


def _moments(fleet: list[Service]) -> Iterator[list[Service]]:
    """Yield the pods of the namespace at each moment that may need most: all services roll out, one host changes."""
    groups: dict[object, list[Service]] = {}
    for service in fleet:
        key = service.name if service.host is None else service.host
        groups.setdefault(key, []).append(service)
    ranked = [sorted(group, key=lambda one: one.day, reverse=True) for group in groups.values()]
    for group in ranked:
        newest, *older = group
        others = [pod for one in ranked if one is not group for pod in [one[0]] * one[0].surging(one[0].high)]
        grown = [newest] * newest.surging(newest.high)
        yield others + grown + [newest] * newest.first  # its next version starts
        if older:
            yield others + grown + [older[0]] * older[0].first  # rollback to the previous service
            yield (others + [newest] * newest.first + [older[0]] * older[0].high)  # takeover from the previous service


def _simulated(fleet: list[Service]) -> dict[str, Fraction]:
    moments = [[pod.pod() for pod in moment] for moment in _moments(fleet)]
    return {key: max(sum((pod[key] for pod in moment), Fraction(0)) for moment in moments) for key in KEYS}


@st.composite
def _fleets(draw: st.DrawFn) -> list[Service]:
    days = draw(st.permutations(range(1, 6)))
    out = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        low = draw(st.integers(1, 4))
        high = draw(st.integers(low, 12))
        out.append(
            Service(
                name=f"m-{number}",
                host=draw(st.none() | st.integers(1, 2)),
                day=days[number - 1],
                low=low,
                high=high,
                start=draw(st.none() | st.integers(low, high)),
                cpu=draw(st.sampled_from((100, 500, 1000, 2500))),
                memory=draw(st.sampled_from((100, 2000, 4096))),
                cards=draw(st.integers(0, 2)),
                sidecar=draw(st.booleans()),
            )
        )
    return out


def _report(fleet: list[Service]) -> dict[str, Fraction]:
    """The amounts that the check reports as possibly needed, by key of the quota."""
    files = {f"services/p/a/{service.name}.yaml": service.spec().encode() for service in fleet}
    made = resolve_fleet({"services/platform.yaml": PLATFORM.encode(), **files}, LIBRARY)
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    out = {}
    for found in check(CheckContext(made.fleet, made.routing)):
        match = re.search(r"has \S+ for (\w+), and (\S+) may be needed", found.message)
        assert match is not None
        out[match[1]] = Fraction(amount(match[2]) or 0)
    return out


def _rounded(key: str, value: Fraction) -> Fraction:
    """Round an amount as the check reports it: memory in tenths of a gigabyte, rounded up."""
    return Fraction(math.ceil(value / 100), 10) * 10**9 if key == "memory" else value


@settings(max_examples=examples(30, of=60))
@given(_fleets())
def test_the_need_is_that_of_the_worst_moment(fleet: list[Service]) -> None:
    needed = {key: value for key, value in _simulated(fleet).items() if value}
    assert _report(fleet) == {key: _rounded(key, value) for key, value in needed.items()}


@pytest.mark.parametrize(
    ("quantity", "number"),
    [
        ("500m", "0.5"),
        ("1.5", "1.5"),
        ("1e3", "1000"),
        ("2E", "2e18"),
        ("1Ki", "1024"),
        ("1.5Gi", "1610612736"),
        (".5k", "500"),
        ("100n", "1e-7"),
        (4, "4"),
        ("many", None),
        ("", None),
        ("1e", None),
    ],
)
def test_a_quantity_of_any_form_is_one_number(quantity: object, number: str | None) -> None:
    assert amount(quantity) == (None if number is None else amount(number))
    assert number is None or float(amount(quantity) or 0) == float(number)
