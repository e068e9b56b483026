"""Renders `templates/servers/<type>/launch.yaml.j2` and the config files that it names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from generator.fleet.launch import ConfigFile, Launch
from generator.render.engine.texts import TextRenderer
from generator.render.launch.inputs import served_models, values
from generator.render.scheduling import SchedulingRenderer
from generator.spec.values import health, metrics
from generator.spec.values.invalid_value import InvalidValueError, quote
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.fleet.model import ServiceInstance
    from generator.render.engine.renderer import Renderer
    from generator.render.engine.shapes import Tree
    from generator.spec.catalog import Catalog

T = TypeVar("T")

# The keys that a launch template may set, with their types.
_GIVES: Final[Mapping[str, type]] = {
    "command": list,
    "workerArguments": list,
    "env": dict,
    "config": dict,
    "mounts": dict,
    "health": dict,
    "metrics": str,
    "sharedMemory": bool,
    "preStop": list,
    "stopSeconds": int,
    "refuse": str,
    "hint": str,
}
_WORDS: Final = {"str": "a string", "dict": "a mapping", "list": "a list", "int": "a number", "bool": "true or false"}


@dataclass(slots=True)
class LaunchRenderer:
    """Renders launches."""

    renderer: Renderer
    catalog: Catalog
    texts: TextRenderer = field(init=False)
    scheduling: SchedulingRenderer = field(init=False)
    launches: dict[str, Launch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.texts = TextRenderer(self.renderer.loader)
        self.scheduling = SchedulingRenderer(self.renderer)

    def of(self, instance: ServiceInstance) -> Launch | None:
        """Return how the server of a service starts with its model.

        None if the server has no launch template, or if the model's version is not in the registry. Raises
        InvalidValueError for an invalid option, and RefusedError for a mistake in a template of the repository's own.
        """
        kind = instance.server.preset or instance.service.spec.type
        name = f"servers/{kind}/launch.yaml.j2"
        if instance.version is None or not self.renderer.loader.has(name):
            return None
        models = served_models(instance, instance.version, self.catalog.frameworks)
        context = values(instance, models, self.scheduling.of(instance).memory_fraction)
        # The environments of a service mostly have the same launch.
        key = f"{kind} {context}"
        if key not in self.launches:
            self.launches[key] = self._launch(kind, name, context)
        return self.launches[key]

    def _launch(self, kind: str, name: str, context: dict[str, Any]) -> Launch:
        tree = self._tree(name, context)
        return Launch(
            command=_flat(tree.get("command", ())),
            worker_arguments=_flat(tree.get("workerArguments", ())),
            env={key: _text(value) for key, value in tree.get("env", {}).items() if value is not None},
            config=self._config(kind, name, tree.get("config", {}), context),
            mounts=tree.get("mounts", {}),
            health=self._parse(name, tree, "health", health.parse),
            metrics=self._parse(name, tree, "metrics", metrics.parse),
            shared_memory=tree.get("sharedMemory", False),
            pre_stop=_flat(tree.get("preStop", ())),
            stop_seconds=tree.get("stopSeconds", 0),
            refusal=(tree["refuse"], tree.get("hint", "")) if "refuse" in tree else _misplaced(context, tree),
        )

    def _parse(self, name: str, tree: Tree, key: str, parse: Callable[[object], T]) -> T | None:
        """Read a value that has the grammar of specs; None without it."""
        try:
            return parse(_written(tree[key])) if key in tree else None
        except InvalidValueError as error:
            self._refuse(name, key, f"{key}: {error}", error.hint or f"write {key} as a spec has it")

    def _config(self, kind: str, launch: str, files: Tree, context: dict[str, Any]) -> dict[str, ConfigFile]:
        models = {model["name"]: model for model in context["models"]}
        out = {}
        for name, entry in files.items():
            more = {"model": models[entry["model"]]} if "model" in entry else {}
            text = self.texts.text(self._file(kind, launch, name, entry.get("template")), {**context, **more})
            out[name] = ConfigFile(text, entry.get("mount"))
        return out

    def _file(self, kind: str, launch: str, name: str, template: object) -> str:
        """Return the path of the text template of a config file, which is in the folder of the server."""
        path = f"servers/{kind}/{template}"
        if not self.renderer.loader.has(path):
            known = self.renderer.loader.names(f"servers/{kind}", ".j2")
            hint = f"files there: {', '.join(f'{file}.j2' for file in known)}"
            message = (
                f"config: {name}: found the template {quote(template)}, expected a file of templates/servers/{kind}/"
            )
            self._refuse(launch, "config", message, hint)
        return path

    def _tree(self, name: str, context: dict[str, Any]) -> Tree:
        tree = {key: value for key, value in (self.renderer.tree(name, context) or {}).items() if value is not None}
        for key, value in tree.items():
            expected = _GIVES.get(key)
            if expected is None:
                hint = closest(key, _GIVES) or list_known("keys", _GIVES)
                self._refuse(name, key, f'found the unknown key "{key}"', hint)
            elif not isinstance(value, expected):
                word = _WORDS[expected.__name__]
                self._refuse(name, key, f"{key}: found {quote(value)}, expected {word}", f"write {word}")
        return tree

    def _refuse(self, name: str, key: str, message: str, hint: str) -> NoReturn:
        lines = self.renderer.loader.text(name).split("\n")
        line = next((number for number, text in enumerate(lines, 1) if text.startswith(f"{key}:")), 1)
        self.renderer.refuse(name, line, message, hint)


def _misplaced(context: dict[str, Any], tree: Tree) -> tuple[str, str] | None:
    """Return the refusal of a model in the server's image that is not where the server looks for it."""
    for model in context["models"]:
        target, place = tree.get("mounts", {}).get(model["key"]), model["path"]
        if place is not None and target not in (None, place):
            message = f"the server looks for the model at {target}, but it is at {place} in the image"
            return message, f"build an image that has it at {target}, and register image:{target}"
    return None


def _flat(items: Any) -> tuple[str, ...]:
    """Return the arguments of a command: nested lists are joined, and null is left out."""
    out: list[str] = []
    for item in items:
        if isinstance(item, list | tuple):
            out += _flat(item)
        elif item is not None:
            out.append(_text(item))
    return tuple(out)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(value: object) -> object:
    """Return a value with its numbers as the strings that the grammars of specs read, and its lists flat."""
    if isinstance(value, dict):
        return {key: _written(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return list(_flat(value))
    return str(value) if isinstance(value, int) else value
