"""The ConfigMap that kustomize generates from config files, and the references to it that kustomize rewrites.

Source: kustomize's nameReference configuration: kustomize updates a generated name in pod volumes, projected volumes,
env and envFrom, but not in arguments, values and annotations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.render.kustomize.hashes import hashed_name
from generator.render.pod_templates import GROUP_KIND, LEADER_TEMPLATE, WORKER_TEMPLATE, pod_templates
from generator.render.views.pod_files import config_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.engine.shapes import SlotPath, Tree
    from generator.render.views.context import ServiceContext

_FIELDS: Final = (
    "volumes/configMap/name",
    "volumes/projected/sources/configMap/name",
    *(
        f"{group}/{field}/name"
        for group in ("containers", "initContainers")
        for field in ("env/valueFrom/configMapKeyRef", "envFrom/configMapRef")
    ),
)
# kustomize knows where the pods of Kubernetes' own kinds refer to ConfigMaps, and must be told for others.
GROUP_REFERENCES: Final[Tree] = {
    "nameReference": [
        {
            "kind": "ConfigMap",
            "version": "v1",
            "fieldSpecs": [
                {"kind": GROUP_KIND, "path": "/".join([*map(str, path), "spec", field])}
                for path in (LEADER_TEMPLATE, WORKER_TEMPLATE)
                for field in _FIELDS
            ],
        }
    ]
}
# The file of a base that holds them.
REFERENCES: Final = "references.yaml"


def hashed_config(context: ServiceContext, config: Mapping[str, str]) -> Tree:
    """Return the ConfigMap as `kustomize build` prints it."""
    name = hashed_name(config_name(context), config)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": context.instance.namespace},
        "data": dict(sorted(config.items())),
    }


def rewrite_references(tree: Tree, plain: str, config: Mapping[str, str]) -> Tree:
    """Return the workload with its references to the ConfigMap `plain`, and no others, rewritten as by kustomize."""
    for path, template in pod_templates(tree):
        hashed = hashed_name(plain, config)
        if isinstance(template.get("spec"), dict):  # else a patch took the pod away
            changed = {**template, "spec": _pod(template["spec"], plain, hashed)}
            tree = _put(tree, path, changed)
    return tree


def _put(tree: Tree, path: SlotPath, value: Tree) -> Tree:
    """Return a tree with another value at a path of keys."""
    if not path:
        return value
    step = str(path[0])
    return {**tree, step: _put(tree[step], path[1:], value)}


def _pod(pod: Tree, plain: str, hashed: str) -> Tree:
    changed: Tree = {"volumes": [_volume(volume, plain, hashed) for volume in pod.get("volumes", ())]}
    for key in ("containers", "initContainers"):
        changed[key] = [_container(container, plain, hashed) for container in pod.get(key, ())]
    return {**pod, **{key: value for key, value in changed.items() if key in pod}}


def _container(container: Tree, plain: str, hashed: str) -> Tree:
    changed: Tree = {}
    if "env" in container:
        changed["env"] = [_variable(item, plain, hashed) for item in container["env"]]
    if "envFrom" in container:
        changed["envFrom"] = _renamed(container["envFrom"], plain, hashed)
    return {**container, **changed}


# A fleet has many volumes and variables, most of which refer to no ConfigMap.
def _volume(volume: Any, plain: str, hashed: str) -> Any:
    return _renamed(volume, plain, hashed) if "configMap" in volume or "projected" in volume else volume


def _variable(variable: Any, plain: str, hashed: str) -> Any:
    if "value" in variable:
        return variable
    source = variable.get("valueFrom")
    return _renamed(variable, plain, hashed) if isinstance(source, dict) and "configMapKeyRef" in source else variable


def _renamed(node: Any, plain: str, hashed: str) -> Any:
    if isinstance(node, list):
        return [_renamed(item, plain, hashed) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {**value, "name": hashed}
        if key in ("configMap", "configMapRef", "configMapKeyRef") and value.get("name") == plain
        else _renamed(value, plain, hashed)
        for key, value in node.items()
    }
