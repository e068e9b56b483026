"""The ConfigMap that kustomize generates from config files, and the references to it that kustomize rewrites.

Source: kustomize's nameReference configuration: kustomize updates a generated name in pod volumes, projected volumes,
env and envFrom, but not in arguments, values and annotations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.render.kustomize.hashes import hashed_name
from generator.render.views.pod import config_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.engine.shapes import Tree
    from generator.render.views.context import ServiceContext

# The folder in a base or an overlay that holds config files.
CONFIG: Final = "config"


def is_generated(path: str) -> bool:
    """Return whether a file below `rendered/` may be one that servegen generated; a hidden file only as a config file.

    Other hidden files belong to a user (.gitkeep) or to the system (.DS_Store).
    """
    folder, _, name = path.rpartition("/")
    return not name.startswith(".") or f"/{CONFIG}/" in f"{folder}/"


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
    if "template" not in tree.get("spec", {}):
        return tree
    pod = tree["spec"]["template"]["spec"]
    hashed = hashed_name(plain, config)
    changed: Tree = {"volumes": _renamed(pod.get("volumes", []), plain, hashed)}
    for key in ("containers", "initContainers"):
        changed[key] = [_container(container, plain, hashed) for container in pod.get(key, ())]
    template = {**tree["spec"]["template"], "spec": {**pod, **{k: v for k, v in changed.items() if k in pod}}}
    return {**tree, "spec": {**tree["spec"], "template": template}}


def _container(container: Tree, plain: str, hashed: str) -> Tree:
    changed: Tree = {
        key: [_renamed(item, plain, hashed) if "value" not in item else item for item in container[key]]
        for key in ("env", "envFrom")
        if key in container
    }
    return {**container, **changed}


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
