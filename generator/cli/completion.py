"""Values for the shell's completion: names from spec files, mostly from their paths, without resolving them.

Completion must be quick and never fail: what cannot be read completes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from generator.core.errors import ServegenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import click

    from generator.spec.files import SpecPath

    Complete = Callable[[click.Context, click.Parameter, str], list[str]]


class _Question(Struct, frozen=True):
    """What is completed: in which repository, after which arguments, and whether the word is a path so far."""

    root: Path
    arguments: Mapping[str, Any]
    is_path: bool


def _completing(find: Callable[[_Question], Iterable[str]]) -> Complete:
    """Return a callback for click: those of the values that start with the incomplete word."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        del param
        from generator.repo.worktree import find_root

        try:
            root = find_root(ctx.find_root().params["folder"])
            values = set(find(_Question(root, ctx.params, "/" in incomplete)))
        except ServegenError:
            return []
        return sorted(value for value in values if value.startswith(incomplete))

    return complete


def _services(question: _Question) -> Iterable[str]:
    found = (path for path in _paths(question.root) if path.kind == "service")
    return (f"{path.project}/{path.app}/{path.name}" if question.is_path else path.name for path in found)


def _models(question: _Question) -> Iterable[str]:
    found = _models_of(question, question.arguments.get("project"))
    return (f"{path.project}/{path.name}" if question.is_path else path.name for path in found)


def _versions(question: _Question) -> Iterable[str]:
    """Yield the versions of the model that was typed before."""
    before, _, name = str(question.arguments.get("model")).rpartition("/")
    for path in _models_of(question, before or question.arguments.get("project")):
        if path.name == name:
            yield from _keys(question.root, f"{path.project}/models/{name}.yaml", "versions")


def _models_of(question: _Question, project: str | None) -> Iterable[SpecPath]:
    found = _paths(question.root)
    return (path for path in found if path.kind == "model" and project in (None, path.project))


def _projects(question: _Question) -> Iterable[str]:
    return (path.project for path in _paths(question.root) if path.project)


def _apps(question: _Question) -> Iterable[str]:
    return (f"{path.project}/{path.app}" for path in _paths(question.root) if path.kind == "service")


def _environments(question: _Question) -> Iterable[str]:
    return _keys(question.root, "platform.yaml", "environments")


def _servers(question: _Question) -> Iterable[str]:
    from generator.repo.repository import template_loader

    return template_loader(question.root).folders("servers")


def _hosts(question: _Question) -> Iterable[str]:
    """Return the hosts of all environments; only these need the whole fleet."""
    from generator.repo.repository import Repository

    claims = Repository.open(question.root).routing.claims.values()
    return (claim.host for of_environment in claims for claim in of_environment if claim.owner is not None)


def _paths(root: Path) -> Iterable[SpecPath]:
    from generator.core.finding import Finding
    from generator.repo.spec_files import MAX_LEVELS
    from generator.repo.walk import walk
    from generator.spec.files import ROOT, is_spec, spec_path

    for name, _ in walk(root, ROOT, levels=MAX_LEVELS):
        if is_spec(name) and not isinstance(path := spec_path(name), Finding):
            yield path


def _keys(root: Path, file: str, key: str) -> list[str]:
    """Return the keys below a key of a spec file; none if the file cannot be read."""
    from generator.core import yaml
    from generator.repo.spec_files import read_start
    from generator.spec.files import ROOT

    document, _ = yaml.read(read_start(f"{root}/{ROOT}/{file}"), file)
    below = document.data.get(key) if document is not None and isinstance(document.data, dict) else None
    return list(below) if isinstance(below, dict) else []


services = _completing(_services)
models = _completing(_models)
versions = _completing(_versions)
projects = _completing(_projects)
apps = _completing(_apps)
environments = _completing(_environments)
servers = _completing(_servers)
hosts = _completing(_hosts)
