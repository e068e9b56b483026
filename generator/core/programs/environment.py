"""The environment variables of the programs that servegen runs.

Git exports variables to its hooks, aliases and `rebase --exec` that name its repository, index and work tree. They
override the folder in which a command runs. If they were passed on, `servegen -C FOLDER` in a hook of another
repository would write to that repository, and with the author of its commit. So no program gets them, and the folder
alone decides.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# `git rev-parse --local-env-vars` of Git 2.39, without GIT_CONFIG_PARAMETERS and GIT_CONFIG_COUNT: these hold
# settings, such as credentials in CI, and Git itself passes them on to submodules (prepare_submodule_repo_env).
_LOCAL: Final = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
)
# A namespace renames the branches that a push to a repository on this disk writes. A quarantine, which Git sets up for
# a pre-receive hook, forbids every change of a branch.
REDIRECTING: Final = frozenset({*_LOCAL, "GIT_NAMESPACE", "GIT_QUARANTINE_PATH"})
# Options such as `git --icase-pathspecs` of a calling alias, which change what the paths of our commands mean.
_PATHSPECS: Final = frozenset({f"GIT_{kind}_PATHSPECS" for kind in ("LITERAL", "GLOB", "NOGLOB", "ICASE")})
_AUTHOR: Final = frozenset({"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE"})


def program_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without the variables that redirect Git, updated with `more`."""
    foreign = _foreign()
    return {name: value for name, value in os.environ.items() if name not in foreign} | dict(more or {})


def drop_redirections() -> None:
    """Remove the variables that redirect Git from this process's environment.

    GitPython starts its programs with the environment of the process and has no way to omit a variable.
    """
    for name in _foreign() & os.environ.keys():
        del os.environ[name]


def _foreign() -> frozenset[str]:
    """Return the variables that belong to the git which called servegen.

    `git commit` tells its hooks the author and the time of its own commit, which is another one than ours. The time is
    then in git's own form; what a user or a pipeline has set is kept.
    """
    in_hook = "GIT_PREFIX" in os.environ and os.environ.get("GIT_AUTHOR_DATE", "").startswith("@")
    return REDIRECTING | _PATHSPECS | (_AUTHOR if in_hook else frozenset())


def git_settings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables that every git gets in addition to the environment, updated with `more`.

    Messages are in English, because some are matched. Without a terminal no user can answer a prompt, so Git fails
    instead of waiting for a password; if the user has set GIT_TERMINAL_PROMPT, that value is kept. Commands that only
    read do not refresh the index: they would take its lock, which a killed process leaves behind.
    """
    settings = {"LC_ALL": "C", "LANGUAGE": "C", "GIT_OPTIONAL_LOCKS": "0"}
    asks = "GIT_TERMINAL_PROMPT" in os.environ or _has_terminal()
    return settings | ({} if asks else {"GIT_TERMINAL_PROMPT": "0"}) | dict(more or {})


def _has_terminal() -> bool:
    """Return whether a user sees this process; a stream that was closed at the start is None."""
    return any(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
