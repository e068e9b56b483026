"""What is said about a git command that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.core.errors import ToolError
from generator.core.programs.git import Git


@pytest.mark.parametrize("before", [(), ("-c", "i18n.commitEncoding=UTF-8")])
def test_the_command_is_named_and_not_a_setting_before_it(before: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"^git commit-tree failed: fatal: "):
        Git(tmp_path).run(*before, "commit-tree", "HEAD")
