"""Resources of containers, pods and quotas.

Source: validateResourceRequirements, validateContainerResourceName, ValidateResourceQuantityValue and
ValidateResourceQuotaResourceName in pkg/apis/core/validation.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.formats import LABEL_KEY
from generator.checks.api.refusal import Refusal, show
from generator.checks.api.rules import RESOURCE
from generator.core.regex import regex
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.engine.shapes import SlotPath, Tree

_KEY: Final = regex(LABEL_KEY["pattern"])
_COMPUTE: Final = frozenset({"cpu", "memory", "ephemeral-storage"})
_HUGE: Final = "hugepages-"
_COUNTED: Final = frozenset(
    [
        "configmaps",
        "persistentvolumeclaims",
        "pods",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "services",
        "services.loadbalancers",
        "services.nodeports",
    ]
)
_QUOTA: Final = (
    _COUNTED
    | _COMPUTE
    | {f"{side}.{name}" for side in ("requests", "limits") for name in _COMPUTE}
    | {"requests.storage"}
)
_HINT: Final = "write the same quantity as request and limit"


def refused_requirements(resources: Any, path: SlotPath) -> Iterator[Refusal]:
    """Yield what is wrong with the resources of one container."""
    if not isinstance(resources, dict):
        return
    limits, requests = _quantities(resources, "limits"), _quantities(resources, "requests")
    for side, quantities in (("limits", limits), ("requests", requests)):
        for name, quantity in quantities.items():
            if (fault := _fault(name, str(quantity))) is not None:
                yield Refusal(RESOURCE, (*path, side, name), *fault)
    for name, request in requests.items():
        yield from _against_limit(name, request, limits, path)
    if any(name.startswith(_HUGE) for name in (*limits, *requests)) and not {"cpu", "memory"} & {*limits, *requests}:
        yield Refusal(RESOURCE, path, "huge pages alone", "cpu or memory beside them", "write cpu or memory")


def faults_of_name(name: str, path: SlotPath) -> Iterator[Refusal]:
    """Yield the name of a resource if it is none."""
    if (fault := _fault(name, "0")) is not None:
        yield Refusal(RESOURCE, path, *fault)


def refused_quota(tree: Tree) -> Iterator[Refusal]:
    """Yield the entries of a ResourceQuota with an unknown name or a part of a thing that is counted."""
    spec = tree.get("spec")
    for name, quantity in _quantities(spec if isinstance(spec, dict) else {}, "hard").items():
        where = ("spec", "hard", name)
        if not _is_quota_name(name):
            expected = "pods, requests.cpu, limits.memory or another resource, or count/ and a kind"
            yield Refusal(RESOURCE, where, show(name), expected, "write the name of a resource")
        elif (name in _COUNTED or "/" in name) and not _is_whole(quantity):
            yield Refusal(RESOURCE, where, show(quantity), "a whole number", "write a whole number")


def _is_quota_name(name: str) -> bool:
    bare = name.removeprefix("requests.")
    return _KEY.match(name) is not None and ("/" in name or name in _QUOTA or bare.startswith(_HUGE))


def _quantities(resources: Mapping[str, Any], side: str) -> dict[str, Any]:
    """Return the quantities that can be read; the shipped schemas refuse the others."""
    found = resources.get(side)
    if not isinstance(found, dict):
        return {}
    return {str(name): value for name, value in found.items() if amount(value) is not None}


@lru_cache(maxsize=4096)
def _fault(name: str, quantity: str) -> tuple[str, str, str] | None:
    """Return what is wrong with one resource and its quantity: what was found, what is expected, a hint."""
    if not _KEY.match(name) or ("/" not in name and name not in _COMPUTE and not name.startswith(_HUGE)):
        expected = "cpu, memory, ephemeral-storage, hugepages-…, or a resource with a domain such as nvidia.com/gpu"
        return show(name), expected, "write the name of a resource"
    if "/" in name and _is_extended(name) and (name.startswith("requests.") or len(name.partition("/")[0]) > 244):
        return show(name), "a domain that does not begin with requests.", "write the name of the resource alone"
    found = amount(quantity)
    if found is None:
        return None
    if found < 0:
        return show(quantity), "0 or more", "write 0 or more"
    if _is_extended(name) and not _is_whole(quantity):
        expected = "a whole number, since a device cannot be divided"
        return show(quantity), expected, "write a whole number, or use the key `resources: {gpu: …}` for a share"
    page = amount(name.removeprefix(_HUGE)) if name.startswith(_HUGE) else None
    if page and found % page:
        return show(quantity), f"a multiple of {name.removeprefix(_HUGE)}", "write a multiple of the page size"
    return None


def _against_limit(name: str, request: Any, limits: Mapping[str, Any], path: SlotPath) -> Iterator[Refusal]:
    where, limit = (*path, "requests", name), limits.get(name)
    fixed = _is_extended(name) or name.startswith(_HUGE)
    if limit is None:
        if fixed:
            expected = f"a limit of {name} too, since it is not shared"
            yield Refusal(RESOURCE, where, "a request alone", expected, f"write limits: {{{name}: {request}}} too")
        return
    if str(request) == str(limit):
        return
    asked, most = amount(request), amount(limit)
    other = ((*path, "limits", name),)
    if asked is not None and most is not None and (asked > most or (fixed and asked != most)):
        expected = f"{'the' if fixed else 'at most the'} limit of {limit}"
        hint = _HINT if fixed else "raise the limit, or lower the request"
        yield Refusal(RESOURCE, where, f"a request of {request}", expected, hint, other)


def _is_extended(name: str) -> bool:
    return "/" in name and "kubernetes.io/" not in name


def _is_whole(quantity: Any) -> bool:
    found = amount(quantity)
    return found is None or found == int(found)
