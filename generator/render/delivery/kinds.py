"""The kinds of objects that templates can render, read from their text, so that custom templates count too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.regex import regex
from generator.render.cluster import alerts, dashboards
from generator.render.cluster import external_secrets as external
from generator.render.cluster import queues as kueue
from generator.render.objects import BASE, GROUPS, MARKER, OVERLAY
from generator.render.views.route import BACKENDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.render.objects import ObjectRenderer
    from generator.spec.platform import Cluster

_KIND: Final = regex(r"^kind: ([A-Za-z0-9]+)\s*$", re.MULTILINE)
_VERSION: Final = regex(r"^apiVersion: (.*\S)\s*$", re.MULTILINE)
_PLATFORM: Final = "platform"
ANY: Final = "*"
"""A group or a kind that is known only when the template is rendered."""

Kinds = list[dict[str, str]]


def of_apps(objects: ObjectRenderer, cluster: Cluster, *, groups: bool) -> Kinds:
    """Return the kinds of an app's objects on a cluster, with routes of the kind that its `routing` selects.

    `groups` is whether a replica of a service may be a group of pods.
    """
    return _kinds(objects, [*_workloads(objects, cluster, groups=groups), BACKENDS[cluster.routing].TEMPLATE])


def of_workloads(objects: ObjectRenderer, cluster: Cluster, *, groups: bool) -> Kinds:
    """Return the kinds of an app's objects on a cluster without its routes."""
    return _kinds(objects, _workloads(objects, cluster, groups=groups))


def of_the_platform(objects: ObjectRenderer, cluster: Cluster, *, external_secrets: bool) -> Kinds:
    """Return the kinds of the objects that belong to no app; those that not every cluster has only if any."""
    more = [external.TEMPLATE] if external_secrets else []
    more += objects.templates(kueue.FOLDER) if cluster.kueue is not None else []
    if (monitoring := cluster.monitoring) is not None:
        more.append(alerts.TEMPLATES[monitoring.rules])
        more += [dashboards.TEMPLATE] if dashboards.has_objects(monitoring) else []
    return _kinds(objects, [*objects.templates(_PLATFORM), *more])


def _workloads(objects: ObjectRenderer, cluster: Cluster, *, groups: bool) -> list[str]:
    found = [*objects.cluster_templates(BASE, cluster), *objects.cluster_templates(OVERLAY, cluster), MARKER]
    return [name for name in found if groups or name != GROUPS]


def _kinds(objects: ObjectRenderer, templates: Iterable[str]) -> Kinds:
    found = {pair for name in templates for pair in _of_text(objects.loader.text(name))}
    return [{"group": group, "kind": kind} for group, kind in sorted(found)]


def _of_text(text: str) -> set[tuple[str, str]]:
    """Return group and kind of a template's objects; `*` for a value that is known only after rendering."""
    groups = {_group(version) for version in _VERSION.findall(text)}
    group = groups.pop() if len(groups) == 1 else ANY
    return {(group, kind) for kind in _KIND.findall(text)} or {(ANY, ANY)}


def _group(version: str) -> str:
    if "{" in version:
        return ANY
    return version.strip("\"'").rpartition("/")[0]
