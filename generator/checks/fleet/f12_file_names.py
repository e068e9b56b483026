"""F12: names that become files and folders of rendered/ must be plain names for Git, kustomize and other systems.

A file `.gitattributes` changes the line ends of every clone, a file `.git` makes its folder another repository, and
kustomize reads `kustomization.yaml`. Windows has devices such as `con` and `nul.txt` in every folder, and drops dots at
the end of a name. The check looks at config files and at the names of projects, apps, services, clusters and
environments, whatever the case of their letters.

Passes:

    config:
      settings.gitconfig: "[core]"

Fails:

    config:
      .gitattributes: "* eol=crlf"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Position, Severity
from generator.spec.values.file_name import special_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet

ID: Final = "F12"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each name that a program treats specially."""
    fleet, known = context.fleet, dict[str, str]()

    def special(name: str) -> str:
        if name not in known:
            known[name] = special_to(name)
        return known[name]

    for what, name, position in _folders(fleet):
        if program := special(name):
            yield _finding(f"the {what}", name, program, position, "rename it")
    for instance in context.bases_and_instances:
        for name in instance.settings.config or ():
            if program := special(name):
                hint = "give the file another name, and name that in `command`"
                yield _finding("the config file", name, program, instance.position("config", name), hint)


def _folders(fleet: Fleet) -> Iterator[tuple[str, str, Position]]:
    for key in ("clusters", "environments"):
        for name in getattr(fleet.platform, key):
            yield key[:-1], name, fleet.platform_position(key, name)
    seen: set[tuple[str, str]] = set()
    for service in fleet.services:
        for what, name in (("project", service.project), ("app", service.app), ("service", service.name)):
            if (what, name) not in seen:
                seen.add((what, name))
                yield what, name, Position(service.document.file)


def _finding(what: str, name: str, program: str, position: Position, hint: str) -> Finding:
    return Finding(ID, f"{what} {name} has a name that {program} treats specially", position, hint)
