"""Commit messages: what happened to which service, model or project, found by comparing the specs.

The trailers are for programs (git-interpret-trailers(1)): the version of servegen, the parent commit, and the paths
that hold everything that changed. Names come from specs, so each is kept on its line: no name can add a trailer.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from generator import __version__
from generator.core.printable import printable, printable_line
from generator.core.regex import regex
from generator.core.yaml import read
from generator.spec.files import ROOT, SpecPath, is_spec, spec_path
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.scalars import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    ReadData = Callable[[str, bytes], dict[str, Any]]

SOURCE: Final = "Servegen-Source"
NO_EFFECT: Final = "nothing changes in any environment"
VERSION: Final = "Servegen-Version"
_LISTED: Final = 50
_PATHS: Final = 20
_SUBJECT: Final = 72
# In order of importance: the subject of a commit about one object uses the first verb that applies.
_VERBS: Final = ("add", "remove", "deploy", "undeploy", "revert", "register", "unregister", "change")
_SHARED: Final = frozenset({"project", "platform file"})
_TO: Final = {"deploy": "to", "undeploy": "from"}
_COMMIT: Final = regex(r"[0-9a-f]{5,64}\Z")


class Change(Struct, frozen=True):
    """What happened to one object: a service, a version of a model, a project, the platform file, or another file.

    `environments` are those that the change of a service affects; `origin` is the commit of the code that produced a
    newly registered version.
    """

    file: str
    kind: str
    name: str
    verb: str
    environments: tuple[str, ...] = ()
    origin: str = ""

    def __str__(self) -> str:
        where = f" {_TO.get(self.verb, 'in')} {', '.join(self.environments)}" if self.environments else ""
        return f"{self.verb} {self.name}{where}"


class CommitEffects(Struct, frozen=True):
    """What a commit does to objects: the environments by the spec file that is the cause, and sentences about all."""

    environments: Mapping[str, tuple[str, ...]]
    sentences: tuple[str, ...]

    def of(self, what: Iterable[Change]) -> tuple[Change, ...]:
        """Return changes with the environments whose objects are different, except where the verb names its own."""
        return tuple(
            replace(change, environments=self.environments.get(change.file, ()))
            if change.kind in _SHARED or (change.kind, change.verb) == ("service", "change")
            else change
            for change in what
        )


def read_data(file: str, content: bytes) -> dict[str, Any]:
    """Return the mapping that a spec file is; an empty one for any other file."""
    document = read(content, file)[0] if is_spec(file) else None
    return as_dict(document.data) if document is not None else {}


def changes(before: Mapping[str, bytes], after: Mapping[str, bytes], read: ReadData = read_data) -> tuple[Change, ...]:
    """Return the differences between two states of services/ (path -> content), sorted by file.

    `read` is `read_data`, or the same with a memory.
    """
    files = sorted(file for file in {*before, *after} if before.get(file) != after.get(file))
    return tuple(chain.from_iterable(_of_file(file, before.get(file), after.get(file), read) for file in files))


def message(
    what: Iterable[Change], *, source: str | None, subject: str | None = None, effects: Iterable[str] = ()
) -> str:
    """Return the whole commit message.

    `source` is the parent commit, None for a first commit; `subject` replaces the generated subject line. `effects` are
    sentences about what the commit does to the objects of environments.
    """
    what = tuple(what)
    lines = [printable_line(f"- {change} ({change.file})") for change in what]
    if len(lines) > _LISTED:
        lines = [*lines[:_LISTED], f"- and {len(lines) - _LISTED} more"]
    trailers = [f"{VERSION}: {__version__}", *([f"{SOURCE}: {source}"] if source else [])]
    trailers += [
        printable_line(f"Servegen-Changed: {path}") for path in _paths(sorted({change.file for change in what}))
    ]
    # The commit of the training code, in the form that Argo CD expects (docs/user-guide/source-hydrator.md).
    origins = {change.origin for change in what if change.origin}
    trailers += [f"Argocd-reference-commit-sha: {origin}" for origin in origins if len(origins) == 1]
    done = "\n".join(map(printable_line, effects))
    parts = [printable(subject or printable_line(_subject(what))).strip(), "\n".join(lines), done, "\n".join(trailers)]
    return "\n\n".join(part for part in parts if part) + "\n"


def with_source(text: str, before: str | None, after: str) -> str:
    """Return the message of a commit that is rebased from the parent `before` onto `after`."""
    return text.replace(f"\n{SOURCE}: {before}\n", f"\n{SOURCE}: {after}\n") if before else text


def _subject(what: tuple[Change, ...]) -> str:
    if not what:
        return f"render with servegen {__version__}"
    things = dict.fromkeys((change.kind, change.name) for change in what)
    if len(things) == 1:
        return str(min(what, key=lambda change: _VERBS.index(change.verb)))
    counts = Counter(kind for kind, _ in things)
    listed = " and ".join(", ".join(_counted(number, kind) for kind, number in counts.items()).rsplit(", ", 1))
    environments = sorted({name for change in what for name in change.environments})
    where = f" in {', '.join(environments)}" if environments else ""
    full = f"{listed} changed{where}"
    return full if len(full) <= _SUBJECT else f"{listed} changed in {_counted(len(environments), 'environment')}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _paths(files: list[str]) -> list[str]:
    """Return the files, or the folders that hold them if there are too many files."""
    for depth in (4, 3, 2):
        paths = sorted({"/".join(file.split("/")[:depth]) for file in files})
        if len(paths) <= _PATHS:
            return paths
    return [ROOT]


def _of_file(file: str, before: bytes | None, after: bytes | None, read: ReadData) -> Iterator[Change]:
    where = spec_path(file) if is_spec(file) else None
    old, new = (read(file, content) if content is not None else {} for content in (before, after))
    verb = "add" if before is None else "remove" if after is None else "change"
    match where:
        case SpecPath(kind="service", name=name):
            yield from _of_service(file, name, verb, old, new)
        case SpecPath(kind="model", name=name):
            yield from _of_model(file, name, verb, old, new)
        case SpecPath(kind="project", project=project):
            yield Change(file, "project", f"the project {project}", verb)
        case SpecPath(kind="platform"):
            yield Change(file, "platform file", "the platform file", verb)
        case _:
            yield Change(file, "file", file, verb)


def _of_service(file: str, name: str, verb: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    was, now = _deployed(old), _deployed(new)
    if verb != "change":
        yield Change(file, "service", name, verb, tuple(now if verb == "add" else was))
        return
    stamped = tuple(e for e, stanza in now.items() if e not in was or _stamp(stanza) != _stamp(was[e]))
    back = tuple(e for e in stamped if e in was and _is_back(_stamp(was[e]), _stamp(now[e])))
    gone = tuple(e for e in was if e not in now)
    others = {key: value for key, value in new.items() if key != "environments"}
    everywhere = others != {key: value for key, value in old.items() if key != "environments"}
    different = tuple(
        e for e, stanza in now.items() if e in was and (everywhere or _unstamped(stanza) != _unstamped(was[e]))
    )
    if stamped != back:
        yield Change(file, "service", name, "deploy", tuple(e for e in stamped if e not in back))
    if back:
        yield Change(file, "service", name, "revert", back)
    if gone:
        yield Change(file, "service", name, "undeploy", gone)
    if different or not (stamped or gone):
        yield Change(file, "service", name, "change", different)


def _of_model(file: str, name: str, verb: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    was, now = as_dict(old.get("versions")), as_dict(new.get("versions"))
    found = False
    for version in dict.fromkeys((*now, *was)):
        if was.get(version) != now.get(version):
            found = True
            what = "register" if version not in was else "unregister" if version not in now else "change"
            origin = _origin(now[version]) if what == "register" else ""
            yield Change(file, "model version", f"{name} {version}", what, origin=origin)
    if not found:
        yield Change(file, "model", name, verb)


def _origin(version: object) -> str:
    commit = as_dict(as_dict(version).get("origin")).get("commit")
    return commit if isinstance(commit, str) and _COMMIT.match(commit) else ""


def _deployed(service: dict[str, Any]) -> dict[str, Any]:
    """Return the stanzas of the environments in which a service is deployed; a stanza that is `null` does not count."""
    stanzas = as_dict(service.get("environments"))
    return {name: as_dict(stanza) for name, stanza in stanzas.items() if stanza is not None}


def _is_back(before: object, after: object) -> bool:
    """Whether the stamp of a release goes back, so that an earlier release is restored."""
    try:
        return timestamp(before) > timestamp(after)
    except InvalidValueError:
        return False


def _stamp(stanza: dict[str, Any]) -> object:
    return stanza.get("released")


def _unstamped(stanza: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in stanza.items() if key != "released"}


def as_dict(value: object) -> dict[str, Any]:
    """Return a value that is a mapping; an empty one for any other value."""
    return value if isinstance(value, dict) else {}
