"""Make a commit of services/ and rendered/ that holds what was read and rendered, or none.

The index is compared before the commit, so that most causes are found before hooks run, and the commit after it. A
commit that holds something else is taken back: branch, index and work tree are then as before.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from generator.core.errors import ServegenError, ToolError
from generator.render.files import ROOT as RENDERED
from generator.repo import worktree
from generator.repo.deviation_reasons import Explainer
from generator.repo.git import objects as gitobjects
from generator.repo.git.deviations import FOLDERS, Deviation, Expected, find_deviations
from generator.repo.git.objects import object_name
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from generator.core.programs.git import Git
    from generator.repo.git.checkout import Checkout
    from generator.repo.git.objects import TreeEntry

# How many files with attributes are checked out to compare them: git runs once for each, and one finding is enough.
_TRIED: Final = 20
# How `git ls-files -t` marks a file that the index does not have.
_OTHER: Final = "?"
_UPDATE: Final = ("-z", "--add", "--remove", "--replace", "--stdin")


def create_local_commit(git: Git, here: Checkout, expected: Expected, message: str) -> str | None:
    """Commit services/ and rendered/ of the work tree; return the commit, or None if nothing has changed.

    Raises ToolError, with the reason for each file, if Git would hold something else than `expected`, and if git or a
    hook fails; nothing is then changed.
    """
    with _index_kept(here.directory / "index"):
        staged = _stage(git, here, expected)
        changed = git.run("diff", "--cached", "--name-only", "-z", "--no-renames", "--relative", "--", *FOLDERS).text
        if not changed:
            return None
        _require_same_checkout(git, here, expected, staged, changed.split("\0"))
        ours = [folder for folder in FOLDERS if _is_known(git, here, folder, staged)]
        command = ("commit", "--quiet", "--only", "--cleanup=whitespace", "--file=-", "--", *ours)
        git.write(*command, stdin=message.encode("utf-8", "surrogateescape"))
        made = git.run("rev-parse", "HEAD").text
        held = gitobjects.entries(git, made, *FOLDERS)
        deviations = find_deviations(git, held, expected)
        if deviations:
            _take_back(git, here, made)
            _restore(git.folder, held, expected)
            text = "the commit was taken back, because it had other content than was rendered:"
            raise Explainer(git, here, committed=True).error(text, deviations)
        if held != staged:
            # Git commits what a hook stages, and leaves the index without it: the next commit would take it back.
            git.write("reset", "--quiet", "--", *FOLDERS)
        return made


def require_committable(git: Git, here: Checkout, path: str) -> None:
    """Raise ToolError if Git would leave this new file out of a commit."""
    found = Explainer(git, here).explain_rules([path]).get(path)
    if found is not None and not git.run("ls-files", "--", path).text:
        raise ToolError(f"{path} {found[0]}, so that it would not be committed", hint=found[1])


def _stage(git: Git, here: Checkout, expected: Expected) -> Mapping[str, TreeEntry]:
    """Stage services/, and the files that servegen generates in rendered/; return what the index then has of both.

    All generated files are staged, ignored ones too, because a rendered tree with a missing file is incomplete. Raises
    ToolError if the index then holds something else, also if git refused to stage it.
    """
    # This is no command that writes, but it must not get old answers from a file watcher either.
    states = ("--others", "--deleted", "--modified")
    listed = git.write("ls-files", "-z", "-t", *states, "--", RENDERED).text.split("\0")
    fresh = dict.fromkeys(
        entry[2:] for entry in listed if entry and (entry[0] != _OTHER or entry[2:] in expected.files)
    )
    # `git add` compares each file with each path that it is given.
    done = [git.try_write("update-index", *_UPDATE, stdin=_list(fresh))] if fresh else []
    done.append(git.try_write("add", "--all", "--", SPECS))
    staged, deviations = _restage(git, here, expected)
    if deviations:
        refused = next((result.message for result in done if not result), "")
        explainer = Explainer(git, here, refused=refused)
        raise explainer.error("Git would commit other content than was rendered:", deviations)
    for result in done:
        if not result:
            raise ToolError(f"git cannot stage a file: {result.message}")
    return staged


def _require_same_checkout(
    git: Git, here: Checkout, expected: Expected, staged: Mapping[str, TreeEntry], changed: Iterable[str]
) -> None:
    """Raise ToolError if a clone, such as that of a delivery tool, would get other content than Git holds."""
    paths = [path for path in changed if path in expected.files]
    with_attributes = [*Explainer(git, here).explain_attributes(paths)][:_TRIED]
    wrong = [path for path in with_attributes if _checked_out(git, here, path) != expected.files[path].encode()]
    if wrong:
        text = "a clone of this commit would have other content than was rendered:"
        raise Explainer(git, here).error(text, [Deviation(path, staged[path], expected=True) for path in wrong])


def _checked_out(git: Git, here: Checkout, path: str) -> bytes:
    return git.run("cat-file", "--filters", f":{here.prefix}{path}").out


def _restage(git: Git, here: Checkout, expected: Expected) -> tuple[Mapping[str, TreeEntry], list[Deviation]]:
    """Return the entries of the index and where it deviates, after files that git has not read again were staged.

    Git does not read a file again whose size and time are those of the index, although attributes have changed since.
    A file with a flag that hides its changes is not staged: somebody wants to keep them in this clone.
    """
    found = _staged(git, expected)
    differing = [deviation.path for deviation in found[1] if deviation.other_content]
    if not differing:
        return found
    flagged = Explainer(git, here).explain_flags(differing)
    again = [path for path in differing if path not in flagged]
    if not again:
        return found
    done = git.try_write("add", "--renormalize", "--pathspec-from-file=-", "--pathspec-file-nul", stdin=_list(again))
    return _staged(git, expected) if done else found


def _staged(git: Git, expected: Expected) -> tuple[Mapping[str, TreeEntry], list[Deviation]]:
    entries = gitobjects.staged_entries(git, *FOLDERS)
    return entries, find_deviations(git, entries, expected)


def _list(paths: Iterable[str]) -> bytes:
    return "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")


def _is_known(git: Git, here: Checkout, folder: str, staged: Iterable[str]) -> bool:
    """Whether the index or HEAD has a file of the folder."""
    return any(path.startswith(f"{folder}/") for path in staged) or bool(gitobjects.entries(git, here.head, folder))


def _take_back(git: Git, here: Checkout, made: str) -> None:
    if here.head is None:
        git.write("update-ref", "-d", "HEAD", made)
    else:
        git.write("update-ref", "-m", "servegen: taken back", "HEAD", here.head, made)


def _restore(root: Path, held: Mapping[str, TreeEntry], expected: Expected) -> None:
    """Write back the files that a hook changed: those that are now as the commit holds them, and not as they were."""
    now = worktree.read_contents(root, expected.specs)
    other = {path: text for path, text in now.items() if text != expected.specs[path]}
    changed = {path: text for path, text in other.items() if _holds(held.get(path), text)}
    worktree.write_specs(root, {path: expected.specs[path] for path in changed}, changed)
    worktree.write(root, expected.files, worktree.compare(root, expected.files))


def _holds(entry: TreeEntry | None, content: bytes) -> bool:
    return entry is not None and entry.name == object_name(content, len(entry.name))


@contextmanager
def _index_kept(path: Path) -> Iterator[None]:
    """Restore the index if the body fails, so that a hook that rejects a commit changes nothing."""
    before = path.read_bytes() if path.exists() else None
    try:
        yield
    except ServegenError:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            kept = path.with_name("index.servegen")
            kept.write_bytes(before)
            os.replace(kept, path)  # noqa: PTH105  # atomic, as in worktree
        raise
