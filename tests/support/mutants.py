"""Fleets with mistakes: valid repositories in which texts, values, keys or paths of specs were changed at random."""

from __future__ import annotations

from random import Random
from typing import Any, Final

import yaml

from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM
from tests.support.served import all_served, served_fleet

Files = dict[str, bytes]

# Values that parsers and renderers get wrong: other types, limits of numbers, words of YAML, names that lead elsewhere.
_VALUES: Final[tuple[Any, ...]] = (
    "",
    " ",
    "null",
    "~",
    "yes",
    "0",
    "-1",
    "1e400",
    "99999999999999999999",
    "0x1f",
    "1_000",
    ".nan",
    "5%",
    "50%%",
    "{}",
    "{{ x }}",
    "{% if %}",
    "${A}",
    "$(A)",
    "../../../etc",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "C:\\x",
    "*",
    "?",
    "@",
    "#",
    "a,b",
    "a:b",
    "a=b",
    "a=b:c",
    "名字",
    "é",
    "\u202e",
    "\u200b",
    "\x07",
    "\U0001f600",
    "x" * 300,
    "-x",
    "--help",
    "x\ny",
    "\t",
    "2026-11-29",
    "12:34:56",
    "010",
    "1.0",
    "127.0.0.1",
    "::1",
    "http://",
    "https://user:pass@example.com/x",
    "s3://",
    "oci://",
    "pvc://",
    "hf://a/b",
    "file:///etc/passwd",
    "m(pvc):/x",
    "(memory):",
    "(nfs):/",
    "x(hostpath):/",
    "8G,0.2(T4)",
    "0.2()",
    "(T4)",
    "-1(T4)",
    "1~",
    "~1",
    "5~2",
    "1~2~3",
    "a.example.com",
    "*.example.com",
    "a..b",
    ".",
    "..",
    [],
    {},
    [[]],
    [{}],
    {"": ""},
    {"a": {"b": {"c": []}}},
    ["a", ["b"]],
    [None],
    {"$patch": "delete"},
    ["x"] * 50,
)
_TEXTS: Final = (
    "\t",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "|",
    ">",
    "&a ",
    "*a ",
    "!!python/object:x ",
    "!x ",
    "%",
    "@",
    "`",
    "#",
    "\r",
    "\x00",
    "\x85",
    "\ufeff",
    "\u2028",
    "---\n",
    "...\n",
    "<<: ",
    "? ",
    "   ",
    "\n\n",
    "，",
    "：",
    "{{",
    "{%",
    "\x1b[2J",
)
_PATHS: Final = (
    "services/x.yaml",
    "services/p/project.yml",
    "services/p/a/b/c.yaml",
    "services/argocd/a/m-1.yaml",
    "services/p/a/.yaml",
    "services/P/a/m-1.yaml",
    "services/p/models/Ü.yaml",
    "services/p/a/m_1.yaml",
    "services/platform.yaml/a/m-1.yaml",
    "services/p/a/kustomization.yaml",
    "services/con/a/nul.yaml",
    "services/p/project/m-1.yaml",
)


def originals() -> list[Files]:
    """Return the valid repositories that are changed: the example, the cases of traffic objects, every model server."""
    cases = sorted(path for path in (ROOT / "tests/cases/objects").iterdir() if path.is_dir())
    small = [{"services/platform.yaml": PLATFORM.encode(), **read_spec_files(case).contents} for case in cases]
    served = {name: text.encode() for name, text in served_fleet(all_served()).items()}
    kept = Random(0).sample(sorted(name for name in served if "platform" not in name and "/models/" not in name), 4)
    few = {
        name: text
        for name, text in served.items()
        if name in kept or name.endswith("platform.yaml") or "/models/" in name
    }
    return [dict(read_spec_files(ROOT).contents), few, *small]


def mutant(files: Files, random: Random) -> Files:
    """Return the repository with one to three random changes."""
    out = dict(files)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        name = random.choice(sorted(out)) if out else ""
        change = random.choice((_value, _value, _value, _text, _text, _path))
        out = change(out, name, random) if name else out
    return out


def _text(files: Files, name: str, random: Random) -> Files:
    """Change characters or lines of one file."""
    text = files[name].decode("utf-8", "surrogateescape")
    at = random.randrange(len(text) + 1)
    end = min(len(text), at + random.choice((0, 1, 1, 5, 40)))
    lines = text.split("\n")
    line = random.randrange(len(lines))
    changed = random.choice(
        (
            text[:at] + random.choice(_TEXTS) + text[at:],
            text[:at] + text[end:],
            text[:at],
            "\n".join([*lines[:line], lines[line], *lines[line:]]),
            "\n".join([*lines[:line], *lines[line + 1 :]]),
            "\n".join([*lines[:line], f" {lines[line]}", *lines[line + 1 :]]),
            text.replace("\n", "\r\n"),
        )
    )
    content = changed.encode("utf-8", "surrogateescape")
    return {**files, name: content + b"\xff" if random.random() < 0.02 else content}


def _value(files: Files, name: str, random: Random) -> Files:
    """Replace, remove, rename or move a value of one file, which stays valid YAML."""
    try:
        tree = yaml.load(files[name], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        return files
    places = list(_places(tree))
    if not places:
        return files
    holder, key = random.choice(places)
    other, other_key = random.choice(places)
    action = random.randrange(6)
    if action == 0:
        del holder[key]
    elif action == 1 and isinstance(holder, dict):
        holder[_misspelt(str(key), random)] = holder.pop(key)
    elif action == 2:
        holder[key] = yaml.load(yaml.safe_dump(other[other_key]), Loader=yaml.BaseLoader)  # a copy, no alias
    elif action == 3:
        holder[key] = [holder[key]]
    else:
        holder[key] = random.choice(_VALUES)
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=10_000)
    return {**files, name: text.encode("utf-8", "surrogatepass")}


def _places(tree: Any) -> Any:
    """Yield each mapping or list with each of its keys or indexes."""
    if isinstance(tree, dict | list):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            yield tree, key
            yield from _places(tree[key])


def _misspelt(key: str, random: Random) -> str:
    at = random.randrange(len(key) + 1)
    return random.choice((key[:at] + key[at + 1 :], key[:at] + "x" + key[at:], key.upper(), f"{key} ", f"x/{key}", ""))


def _path(files: Files, name: str, random: Random) -> Files:
    """Move, copy or remove one file."""
    rest = {other: text for other, text in files.items() if other != name}
    new = random.choice(_PATHS)
    return random.choice((rest, {**rest, new: files[name]}, {**files, new: files[name]}))
