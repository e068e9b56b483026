"""Parse a document as a spec, and give its validation errors as findings with a position."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from generator.core.finding import Finding
from generator.core.fix import Fix, fix_of
from generator.core.yaml import EMPTY, Document, Path
from generator.spec.base import Spec, fields_of, find_nested_model
from generator.spec.foreign_keys import foreign_key_hint
from generator.spec.values.invalid_value import InvalidValueError, quote
from generator.spec.values.text import closest, find_closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

S = TypeVar("S", bound=Spec)

# A hint does not list the known keys if there are more than this.
_FEW_KEYS: Final = 15
# The start of what findings about one key are about.
_KEY: Final = "the key "
# How many letters more or less a mistyped key has.
_MISTYPED: Final = 2
# How similar it is: of the letters of both, the part that they have in common.
_ALIKE: Final = 0.65
# The kinds of file that `servegen schema` prints.
_SCHEMA_KINDS: Final = frozenset({"platform", "project", "model", "service"})


def parse(model: type[S], document: Document, path: Path = ()) -> tuple[S | None, list[Finding]]:
    """Return the document's data (below `path`) as `model`, or None and a finding for every error in it."""
    data: Any = document.data
    for step in path:
        data = data[step]
    from generator.spec.validator import validate  # a run whose specs are in the cache does without

    found, details = validate(model, data)
    if found is not None:
        return found, []
    torn = {detail["loc"][:-1] for detail in details if _is_torn(document, path, detail)}
    return None, _drop_caused(
        _problem(model, document, path, detail)
        for detail in details
        if detail["loc"][:-1] not in torn or detail["type"] == "extra_forbidden"
    )


def _drop_caused(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding for each mistake.

    A key is not missing if an unknown one was meant to be it; two keys of another system can be one key here.
    """
    found = list(findings)
    meant = {finding.subject for finding in found if finding.id == "K01"}
    kept, seen = [], set[str]()
    for finding in found:
        again = finding.subject in (meant if finding.id == "K02" else seen)
        if not (finding.subject and again):
            kept.append(finding)
        seen |= {finding.subject} if not finding.subject.startswith(_KEY) else set()
    return kept


def _problem(model: type[Spec], document: Document, path: Path, detail: ErrorDetails) -> Finding:
    loc = tuple(step for step in detail["loc"] if step != "[key]")
    full = path + loc
    if detail["type"] == "extra_forbidden":
        return _unknown_key(model, document, full, loc, detail["input"])
    if detail["type"] == "missing":
        message = f"the key {_dotted(loc)} is missing"
        line = _example_line(model, loc) or f"{loc[-1]}: …"
        return Finding("K02", message, document.position(full[:-1]), f"add {line}", subject=f"{_KEY}{_dotted(full)}")
    mistake = detail.get("ctx", {}).get("error")
    if isinstance(mistake, InvalidValueError):
        place = full + mistake.at
        hint, fix = mistake.hint or _example(model, loc), fix_of(mistake.found, mistake.hint)
        message = f"{_dotted(loc + mistake.at)}: {mistake}"
        # A key in a mapping is its own place, and not its value.
        named = bool(mistake.at) and mistake.found == mistake.at[-1]
        where = document.key_position(place) if named else document.position(place)
        return Finding("K03", message, where, hint, fix=fix)
    message = f"{_dotted(loc) or 'the file'}: found {quote(detail['input'])}, expected {_expected(detail)}"
    hint = ""
    if detail["type"] == "literal_error":
        hint = closest(str(detail["input"]), re.findall("'([^']*)'", str(detail["ctx"]["expected"])))
    fix = fix_of(detail["input"], hint)
    return Finding("K03", message, document.position(full), hint or _example(model, loc), fix=fix)


def _unknown_key(model: type[Spec], document: Document, full: Path, loc: Path, found: object) -> Finding:
    key = str(loc[-1])
    known = _fields_at(model, loc[:-1])
    holder = _mapping(document, full[:-1])
    meant = find_closest(key, known)
    meant = "" if meant in holder or not _likely(key, meant) else meant
    foreign = foreign_key_hint(key, found, holder, known)
    hint = foreign or (f'did you mean "{meant}"?' if meant else _other_level(model, loc[:-1], key))
    if found is EMPTY and "," in _line(document, full):
        return _torn(document, full)
    kind = _schema_kind(model)
    if not hint and len(known) > _FEW_KEYS and kind:
        hint = f"`servegen schema {kind}` prints the known keys"
    hint = hint or list_known("keys", sorted(known))
    where = f" in {_dotted(loc[:-1])}" if len(loc) > 1 else ""
    subject = f"{_dotted(full[:-1])}: {foreign}" if foreign else f"{_KEY}{_dotted((*full[:-1], meant))}"
    position = document.key_position(full)
    message = f'found the unknown key "{key}"{where}'
    return Finding(
        "K01", message, position, hint, subject=subject, fix=Fix(key, meant) if meant and not foreign else None
    )


def _other_level(model: type[Spec], above: Path, key: str) -> str:
    """Return the hint for a key of the same file that is written in the wrong mapping, or an empty string."""
    if above and key in fields_of(model):
        return f"write {key} at the top of the file, without indentation"
    for name, field in fields_of(model).items():
        nested = find_nested_model(field.annotation)
        if not above and nested is not None and key in fields_of(nested):
            return f"write it below `{name}`" if field.annotation is nested else f"write it below one of `{name}`"
    return ""


def _likely(key: str, meant: str) -> bool:
    """Return whether a key that is similar to another is that key mistyped: `user` is no mistyped `cluster`."""
    from difflib import SequenceMatcher  # most files have no mistyped key

    alike = SequenceMatcher(None, key, meant).ratio() >= _ALIKE
    return (alike and abs(len(key) - len(meant)) <= _MISTYPED) or meant.startswith(key)


def _is_torn(document: Document, path: Path, detail: ErrorDetails) -> bool:
    """Return whether a comma inside braces split a value in two: `{gpu: 8G,0.2(T4)}` has the key `0.2(T4)` without a
    value."""
    full = path + detail["loc"]
    return detail["type"] == "extra_forbidden" and detail["input"] is EMPTY and "," in _line(document, full)


def _torn(document: Document, full: Path) -> Finding:
    line, key = _line(document, full), str(full[-1])
    before = re.search(r"[\s{]([^\s{,:]+):\s*([^{},]*),\s*" + re.escape(key), line)
    message = f'found the key "{key}" without a value: a comma inside {{…}} starts a new key'
    hint = f'put the value in quotes: {before[1]}: "{before[2]},{key}"' if before else "put the value in quotes"
    return Finding("K01", message, document.key_position(full), hint)


def _example(model: type[Spec], loc: Path) -> str:
    """Return a hint with an example value of the key at `loc`, or one that refers to `servegen schema`."""
    if line := _example_line(model, loc):
        return f"for example {line}"
    kind = _schema_kind(model)
    return f"`servegen schema {kind}` prints the values that each key accepts" if kind else ""


def _example_line(model: type[Spec], loc: Path) -> str:
    """Return the key at `loc` with an example value as a spec has it, or an empty string."""
    holder = _model_at(model, loc[:-1]) if loc else None
    field = fields_of(holder).get(str(loc[-1])) if holder is not None else None
    return f"{loc[-1]}: {field.examples[0]}" if field is not None and field.examples else ""


def _schema_kind(model: type[Spec]) -> str:
    """The kind of file under which `servegen schema` prints the model, or nothing if it prints none."""
    kind = model.__name__.lower()
    return kind if kind in _SCHEMA_KINDS else ""


def _fields_at(model: type[Spec], loc: Path) -> list[str]:
    holder = _model_at(model, loc)
    return list(fields_of(holder)) if holder is not None else []


def _model_at(model: type[Spec], loc: Path) -> type[Spec] | None:
    """Return the model of the mapping at `loc`; names that users choose (of environments, versions) are skipped."""
    current: type[Spec] | None = model
    for step in loc:
        field = fields_of(current).get(str(step)) if current is not None else None
        current = find_nested_model(field.annotation) if field is not None else current
    return current


def _mapping(document: Document, path: Path) -> dict[str, Any]:
    value: Any = document.data
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _line(document: Document, path: Path) -> str:
    return document.text.split("\n")[document.key_position(path).line - 1]


def _dotted(loc: Path) -> str:
    return ".".join(str(step) for step in loc)


def _expected(detail: ErrorDetails) -> str:
    words = {
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
        "list_type": "a list",
        "tuple_type": "a list",
        "string_type": "a string",
        "too_short": "at least one entry",
        "literal_error": "one of " + str(detail.get("ctx", {}).get("expected", "")),
    }
    return words.get(detail["type"], detail["msg"].lower())
