"""Why Git holds something else than was read and rendered, and how to change that.

The reasons come from git itself: `git check-ignore`, `git ls-files -v` and `git check-attr`.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import ToolError
from generator.render.files import ROOT as RENDERED
from generator.repo.git.objects import LINK, SUBMODULE
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.core.programs.git import Git
    from generator.repo.git.checkout import Checkout
    from generator.repo.git.deviations import Deviation

_SHOWN: Final = 20
_IGNORE: Final = ".gitignore"
_ATTRIBUTES: Final = ".gitattributes"
# The attributes by which git changes content. Source: gitattributes(5)
_CHANGING: Final = ("text", "eol", "crlf", "filter", "ident", "working-tree-encoding")
_OFF: Final = "-text -filter -ident -working-tree-encoding"
_HOOKS: Final = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")


class _Reason(Struct, frozen=True):
    """What git does with a path, and what to do about it."""

    what: str
    hint: str


class Explainer(Struct, frozen=True):
    """Explains deviations of the repository of `git`, which is checked out as `here`.

    `committed` says if they are those of a commit, so that hooks have run. `refused` is what git said when it did not
    stage a file, else empty.
    """

    git: Git
    here: Checkout
    committed: bool = False
    refused: str = ""

    def error(self, message: str, deviations: Sequence[Deviation]) -> ToolError:
        """Return the error for these deviations, with a line for each path and each way out once."""
        reasons = self._reasons(deviations)
        lines = [f"\n  {deviation.path}: {reasons[deviation.path].what}" for deviation in deviations[:_SHOWN]]
        more = f"\n  … and {len(deviations) - _SHOWN} more" if len(deviations) > _SHOWN else ""
        hints = dict.fromkeys(reason.hint for reason in reasons.values())
        return ToolError(f"{message}{''.join(lines)}{more}", hint="; ".join(hints))

    def explain_rules(self, paths: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return the paths that git ignores, each with what ignores it and the way out. Tracked ones are included."""
        listed = self._ask(paths, "check-ignore", "--verbose", "-z", "--no-index", "--stdin")
        rows = [listed[at : at + 4] for at in range(0, len(listed) - 3, 4)]
        return {
            path: (f"is ignored by {source}:{line} ({pattern})", self._include(source, path))
            for source, line, pattern, path in rows
            if not pattern.startswith("!")
        }

    def _reasons(self, deviations: Sequence[Deviation]) -> dict[str, _Reason]:
        missing = [deviation.path for deviation in deviations if deviation.entry is None]
        differing = [deviation.path for deviation in deviations if deviation.other_content]
        ignored = {path: _Reason(*found) for path, found in self.explain_rules(missing).items()}
        known = {
            **self._settings(differing),
            **self.explain_attributes(differing),
            **ignored,
            **self.explain_flags([item.path for item in deviations]),
        }
        return {item.path: known.get(item.path) or _of_mode(item) or self._changed(item) for item in deviations}

    def _ask(self, paths: Iterable[str], *command: str) -> list[str]:
        """Return the fields that a git command prints about these paths."""
        listed = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
        return self.git.ask(*command, stdin=listed).text.split("\0")[:-1] if listed else []

    def _include(self, source: str, path: str) -> str:
        """Return how to include the path's top folder again; a rule for a folder also hides all that is below it."""
        top = PurePosixPath(self.here.prefix, path.partition("/")[0])
        file = PurePosixPath(source)
        if file.name == _IGNORE and file.parent.is_relative_to(top):
            return f"add the line `!*` at the end of {source}"
        base = file.parent if file.name == _IGNORE and not file.is_absolute() else PurePosixPath()
        steps = top.relative_to(base).parts if top.is_relative_to(base) else top.parts
        folders = ["/".join(steps[:end]) for end in range(1, len(steps) + 1)]
        lines = [*(f"`!/{folder}/`" for folder in folders), f"`!/{folders[-1]}/**`"]
        return f"add the lines {', '.join(lines)} at the end of {base / _IGNORE}"

    def explain_flags(self, paths: Sequence[str]) -> dict[str, _Reason]:
        """Return the reason for each path whose flag in the index hides changes. Source: git-ls-files(1), -v"""
        listed = self.git.run("ls-files", "-v", "-z", "--", SPECS, RENDERED).text.split("\0")
        flags = {entry[2:]: entry[0] for entry in listed if entry and (entry[0] == "S" or entry[0].islower())}
        return {path: _of_flag(flags[path], path) for path in paths if path in flags}

    def explain_attributes(self, paths: Sequence[str]) -> dict[str, _Reason]:
        """Return the reason for each path with attributes by which git changes content. Source: gitattributes(5)"""
        listed = self._ask(paths, "check-attr", "-z", "--stdin", *_CHANGING)
        rows = [listed[at : at + 3] for at in range(0, len(listed) - 2, 3)]
        found: dict[str, list[str]] = {}
        for path, name, value in rows:
            if value not in ("unspecified", "unset"):
                found.setdefault(path, []).append(name if value == "set" else f"{name}={value}")
        return {path: self._of_names(path, names) for path, names in found.items()}

    def _settings(self, paths: Sequence[str]) -> dict[str, _Reason]:
        endings = self.git.ask("config", "--get", "core.autocrlf").text
        names = [f"core.autocrlf={endings}"] if endings not in ("", "false") else []
        return {path: self._of_names(path, names) for path in paths if names}

    def _of_names(self, path: str, names: Sequence[str]) -> _Reason:
        return _Reason(f"{', '.join(names)} changes its content", self._off(path))

    def _off(self, path: str) -> str:
        """Return how to switch the attributes of the path's top folder off, in the file that git reads last."""
        top, prefix = path.partition("/")[0], self.here.prefix
        if (self.here.common / "info" / "attributes").exists():
            return f"add the line `{prefix}{top}/** {_OFF}` at the end of {self.here.common}/info/attributes"
        place, pattern = self._last_attributes(path, top)
        rest = "; a secret belongs in a Secret, not in a spec" if top == SPECS else ""
        return f"add the line `{pattern} {_OFF}` at the end of {place}, and commit that file{rest}"

    def _last_attributes(self, path: str, top: str) -> tuple[str, str]:
        for folder in list(PurePosixPath(path).parents)[:-1]:
            if (Path(self.git.folder) / folder / _ATTRIBUTES).exists():
                below = PurePosixPath(top)
                return f"{folder}/{_ATTRIBUTES}", "*" if folder.is_relative_to(below) else f"{top}/**"
        return _ATTRIBUTES, f"{top}/**"

    def _changed(self, deviation: Deviation) -> _Reason:
        """Return the reason that is left: what git said, a hook, or before hooks ran, somebody else."""
        if self.refused:
            return _Reason(f"is not staged: {self.refused.splitlines()[-1]}", f"`git add {SPECS} {RENDERED}` says why")
        what = "was added" if not deviation.expected else "is missing" if deviation.entry is None else "was changed"
        folder = self.git.run("rev-parse", "--git-path", "hooks").text
        paths = [f"{folder}/{name}" for name in _HOOKS if (Path(self.git.folder) / folder / name).is_file()]
        if self.committed and paths:
            hint = f"let {' and '.join(paths)} leave {SPECS}/ and {RENDERED}/ as they are"
            return _Reason(f"{what} by a hook", hint)
        return _Reason(f"{what} while this command ran", "run it again")


def _of_flag(flag: str, path: str) -> _Reason:
    name = "skip-worktree" if flag in "Ss" else "assume-unchanged"
    return _Reason(f"has the flag {name} in the index, which hides changes", f"git update-index --no-{name} -- {path}")


def _of_mode(deviation: Deviation) -> _Reason | None:
    path, mode = deviation.path, deviation.entry.mode if deviation.entry is not None else ""
    if mode == SUBMODULE:
        return _Reason("is a submodule in Git", "replace the submodule with the files themselves")
    if mode == LINK:
        return _Reason("is a symbolic link in Git", f"git rm --cached {path}")
    if deviation.other_mode:
        return _Reason(f"has the mode {mode}", f"chmod -x {path} && git update-index --chmod=-x {path}")
    return None
