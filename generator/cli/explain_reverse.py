"""The part of `servegen explain` that says what a line of a spec decides."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from generator.cli.explain_value import open_side
from generator.cli.terminal import echo, echo_utf8
from generator.core.collector import no_collector
from generator.core.errors import ErrorsFoundError, UsageError
from generator.core.regex import regex
from generator.core.yaml.key_path import find_path
from generator.pipeline.workers import spread
from generator.report import diff_json, diff_text
from generator.report.conceal import Concealer
from generator.report.diff_view import DiffView, count
from generator.review.origins.reverse import LineTrials, merge_reviews
from generator.review.origins.spec_leaves import leaf_value
from generator.review.spec_changes import spec_documents
from generator.spec.values.text import closest, list_few

if TYPE_CHECKING:
    from pathlib import Path

    from generator.core.yaml import Document
    from generator.core.yaml import Path as KeyPath
    from generator.review.model import Review
    from generator.review.origins.reverse import Trial
    from generator.review.side import Side

_TARGET: Final = regex(r"(?P<file>[^:]+\.yaml):(?P<key>[^=]*)(?:=(?P<value>.*))?\Z", re.DOTALL)


def explain_reverse(folder: Path, target: str, output: str) -> None:
    """Print which rendered values a line of a spec decides. Raises ErrorsFoundError if no other value is valid."""
    opened = open_side(folder)
    document, path, value = _parsed(opened.side, target)
    with no_collector():
        trials = LineTrials(*opened, spread).run(document, path, value)
    shown, place = _key(path), f"{document.position(path)} {_key(path)}"
    if not trials:
        message = f"{document.position(path)}: no other value of {shown} is valid" if value is None else _invalid(place)
        raise ErrorsFoundError(message, hint=f"give a valid one: {document.file}:{shown}=VALUE")
    found = merge_reviews(trial.review for trial in trials)
    concealer = Concealer((opened.specs,))
    tried = [concealer.hide(_tried(path, one), (document.file,)) for one in trials]
    own = leaf_value(document, path)
    now = concealer.hide(f"{place}: {own}" if isinstance(own, str) else place, (document.file,))
    view = DiffView(found, now, list_few(tried), tuple(_counts(found)), concealer)
    if output == "text":
        echo(diff_text.report(view), nl=False)
        return
    where = document.position(path)
    line = {"file": where.file, "line": where.line, "column": where.column, "key": shown, "tried": tried}
    echo_utf8(json.dumps({**json.loads(diff_json.report(view)), "reverse": line}, ensure_ascii=False, indent=1) + "\n")


def _invalid(place: str) -> str:
    return f"{place}: with this value the specs have errors, or it has none that can be replaced"


def _tried(path: KeyPath, trial: Trial) -> str:
    below = _key(trial.path[len(path) :])
    value = "no such key" if trial.value is None else trial.value
    return f"{below}: {value}" if below else value


def _counts(found: Review) -> list[str]:
    """Return for each environment how many values of how many objects change."""
    out = []
    for environment in sorted({change.environment for change in found.objects}):
        own = [change for change in found.objects if change.environment == environment]
        changed = [change for change in own if change.leaves]
        values = sum(len(change.leaves) for change in changed)
        come = len(own) - len(changed)
        parts = [f"{count(values, 'value')} of {count(len(changed), 'object')}"] if changed else []
        parts += [f"{count(come, 'object')} that come or leave"] if come else []
        out.append(f"{environment}: {', '.join(parts)}")
    return out


def _parsed(side: Side, target: str) -> tuple[Document, KeyPath, str | None]:
    found = _TARGET.match(target)
    if found is None:
        hint = "write a file, and a key or a line of it: services/platform.yaml:domain"
        raise UsageError(f"found {target}, expected FILE:KEY", hint=hint)
    documents = spec_documents(side.fleet)
    file, key = found["file"], found["key"]
    if file not in documents:
        hint = closest(file, documents) or "`servegen list services` prints the services"
        raise UsageError(f"there is no spec {file}", hint=hint)
    document = documents[file]
    path = _of_line(document, int(key)) if key.isdecimal() and not _has(document, key) else _of_key(document, key)
    return document, path, found["value"]


def _has(document: Document, key: str) -> bool:
    return isinstance(document.data, dict) and key in document.data


def _of_line(document: Document, line: int) -> KeyPath:
    found = [path for path in _paths(document.data) if document.key_position(path).line == line]
    if not found:
        hint = "choose the line of a key"
        raise UsageError(f"{document.file}:{line} has no key", hint=hint)
    return found[0]


def _of_key(document: Document, key: str) -> KeyPath:
    """Return the path of a key; the end of a path is enough if only one has it."""
    path = find_path(document.data, key)
    if path is not None:
        return path
    near = [one for one in _paths(document.data) if f".{_key(one)}".endswith(f".{key}")]
    if len(near) == 1:
        return near[0]
    if near:
        raise UsageError(
            f"{document.file} has several keys {key}: {list_few(map(_key, near))}", hint="write one of them"
        )
    paths = _paths(document.data)
    known = dict.fromkeys((*map(_key, paths), *(str(one[-1]) for one in paths)))
    hint = closest(key, known) or f"its keys: {list_few(str(one[0]) for one in paths if len(one) == 1)}"
    raise UsageError(f"{document.file} has no key {key}", hint=hint)


def _paths(data: Any, path: KeyPath = ()) -> list[KeyPath]:
    """Return the paths of all keys and items, those above others first."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [found for step, value in steps for found in ((*path, step), *_paths(value, (*path, step)))]


def _key(path: KeyPath) -> str:
    return ".".join(map(str, path))
