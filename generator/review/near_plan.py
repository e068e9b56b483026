"""The plan of a repository after an edit that changes nothing but files of the edited services.

The services near the edit are planned twice, as they were and as they are. Their new files are those of the whole plan
if the edit leaves alone what others can know of a service, and changes no finding:

- Only values differ that no other service, and no check that compares services, reads: `_OWN`. A text may still name
  another service, its host or its namespace (C39, N08), so the new texts contain no such name.
- Both plans of the near services have the same findings, names of files, numbers of objects and capacity.

All other edits need the whole plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core import yaml as yamlio
from generator.fleet.routing import host
from generator.render.files import ROOT as RENDERED
from generator.review.near_sides import MOST, near_fleets
from generator.spec.layers import merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.pipeline.file_facts import FactMemory
    from generator.pipeline.fleet_memory import FleetMemory
    from generator.pipeline.plan import Plan

    Specs = Mapping[str, bytes]
    Leaf = tuple[tuple[str, ...], str]

# Of `env`, texts and not what refers to other objects; of the others, it may matter to others whether they are set.
_OWN: Final = ("command", "config", "description", "env", "image")


class NearPlan(Struct, frozen=True):
    """What an edit changes: the texts of the files that are `new`, by path.

    `old` has the texts before, and those of all other files in the folders `apps`, of the apps near the `edited` files.
    `findings` are about their services.
    """

    old: Mapping[str, str]
    new: Mapping[str, str]
    apps: tuple[str, ...]
    findings: tuple[Finding, ...]
    edited: frozenset[str]

    def leaves(self, findings: Iterable[Finding]) -> bool:
        """Return whether the edit moves none of the findings of the whole plan before it."""
        return all(finding in self.findings for finding in findings if not self.edited.isdisjoint(_files(finding)))


def near_plan(
    revisions: tuple[Specs, Specs],
    loader: TemplateLoader,
    memory: FactMemory,
    names: Iterable[str],
    make: Callable[[Specs, FleetMemory], Plan],
) -> NearPlan | None:
    """Return what an edit changes, None if that needs the whole plan.

    `revisions` are the spec files before and after it (path -> content), `memory` is as for `near_fleets`, `names` are
    those that `names_of` gives of the whole fleet. `make` plans a part of the specs, with what was resolved of them.
    """
    edited = _edited(*revisions)
    if edited is None:
        return None
    near = near_fleets(revisions, loader, memory)
    if near is None:
        return None
    fleets = near.fleets[0].fleet, near.fleets[1].fleet
    if not _are_alike(*fleets, edited) or _mentions(*fleets, names):
        return None
    old, new = (make(specs, near.memory) for specs in near.specs)
    if old.has_errors or old.files.keys() != new.files.keys() or _facts(old) != _facts(new):
        return None
    texts = {file: text for file, text in new.files.items() if text != old.files[file]}
    apps = tuple({f"{RENDERED}/{entry.project}/{entry.app}/" for entry in fleets[0].services})
    whole = {file: text for file, text in old.files.items() if file in texts or file.startswith(apps)}
    return NearPlan(whole, texts, apps, new.findings, edited)


def names_of(fleet: Fleet) -> list[str]:
    """Return the names by which a text can mean a service: its own, its hosts and namespaces."""
    instances = list(fleet.all_instances())
    names = {service.name for service in fleet.services} | {instance.namespace for instance in instances}
    return sorted(names | set(map(host, instances)))


def _files(finding: Finding) -> set[str]:
    waiver = () if finding.accepted is None else (finding.accepted.position,)
    return {place.file for place in (finding.position, *finding.also, *waiver)}


def _facts(plan: Plan) -> tuple[object, ...]:
    return plan.findings, plan.ungranted, plan.versions, plan.capacity


def _edited(before: Specs, after: Specs) -> frozenset[str] | None:
    """Return the files that differ, None if they do so in more than own values, as far as the files alone show."""
    edited = frozenset(file for file in after if before.get(file) != after[file])
    if before.keys() != after.keys() or len(edited) > MOST:
        return None
    return edited if all(_rest(before, file) == _rest(after, file) for file in edited) else None


def _rest(specs: Specs, file: str) -> object:
    """Return the data of a service's file without its own values; what is no such file has none."""
    document = yamlio.read(specs[file], file)[0]
    data = document.data if document is not None else None
    if isinstance(data, dict) and isinstance(stanzas := data.get("environments"), dict):
        return _stripped(data | {"environments": [(name, _stripped(values)) for name, values in stanzas.items()]})
    return _stripped(data)


def _are_alike(old: Fleet, new: Fleet, edited: Iterable[str]) -> bool:
    """Return whether only files of services differ, and in these services only values that nobody else reads."""
    before, after = ({service.document.file for service in fleet.services} for fleet in (old, new))
    if not before == after >= set(edited):
        return False
    pairs = zip(_instances(old), _instances(new), strict=True)
    return all(_shared(one) == _shared(other) for one, other in pairs)


def _instances(fleet: Fleet) -> list[ServiceInstance]:
    return [*fleet.bases.values(), *fleet.all_instances()]


def _shared(instance: ServiceInstance) -> tuple[object, ...]:
    """Return what of a resolved service others may read; its server may give it more than its spec has."""
    key = instance.service.key, instance.environment.name, instance.namespace
    return (*key, instance.version, instance.released, _stripped(merge(layer.values for layer in instance.layers)))


def _stripped(values: Any) -> object:
    """Return settings with less of their own values: of most whether they are there, of variables the references."""
    if not isinstance(values, dict):
        return values
    rest: dict[str, object] = {key: value for key, value in values.items() if key not in _OWN}
    rest |= {key: bool(values.get(key)) for key in ("command", "config", "image")}
    env = values.get("env")
    references = env.items() if isinstance(env, dict) else ()
    return rest | {"env": [(name, value) for name, value in references if not isinstance(value, str | int | float)]}


def _mentions(old: Fleet, new: Fleet, names: Iterable[str]) -> bool:
    """Return whether a text that is new has a name of a service that is not near."""
    known = {leaf for service in old.services for leaf in _texts(service.document.data)}
    texts = [leaf for service in new.services for leaf in _texts(service.document.data) if leaf not in known]
    lines = "\n".join((*(text for _, text in texts), *(path[-1] for path, _ in texts))).lower()
    here = set(names_of(old)) | set(names_of(new))
    text = f"{lines}\n{lines.replace('_', '-')}"
    return any(name.lower() in text for name in names if name not in here)


def _texts(data: object, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    match data:
        case dict():
            for key, value in data.items():
                yield from _texts(value, (*path, str(key)))
        case list():
            for index, value in enumerate(data):
                yield from _texts(value, (*path, str(index)))
        case _:
            yield path, str(data)
