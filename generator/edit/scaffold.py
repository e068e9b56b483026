"""The files of a new repository: their paths, and the template file that each is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.edit.yaml_edit import put
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.template_loader import TemplateLoader

ATTRIBUTES: Final = ".gitattributes"
HOOKS: Final = ".githooks"
_LEAST: Final = {PLATFORM: "init/platform.yaml", ATTRIBUTES: "init/gitattributes"}
_HOOK: Final = {f"{HOOKS}/pre-commit": "init/pre-commit-hook"}
EXAMPLE: Final = {
    "services/example/models/stories.yaml": "init/stories.yaml",
    "services/example/stories/stories-1.yaml": "init/stories-1.yaml",
}
# The files that each forge reads, relative to the root of the work tree.
FORGES: Final[dict[str, dict[str, str]]] = {
    "github": {
        ".github/workflows/servegen.yaml": "init/github-workflow.yaml",
        ".github/workflows/servegen-comment.yaml": "init/github-comment.yaml",
        ".github/servegen-comment.py": "init/github-comment.py",
        ".github/workflows/servegen-advance.yaml": "init/github-advance.yaml",
        ".github/workflows/servegen-site.yaml": "init/github-site.yaml",
        ".github/CODEOWNERS": "init/codeowners",
    },
    "gitlab": {
        ".gitlab-ci.yml": "init/gitlab-ci.yaml",
        ".gitlab/servegen-comment.py": "init/gitlab-comment.py",
        ".gitlab/servegen-advance.yml": "init/gitlab-advance.yaml",
        ".gitlab/servegen-site.yml": "init/gitlab-site.yaml",
        ".gitlab/CODEOWNERS": "init/codeowners",
    },
}


class ScaffoldOptions(Struct, frozen=True):
    """What a new repository gets in addition to the files that every repository has.

    `forges` are keys of FORGES, `hook` is the pre-commit hook, `example` the example service, and `delivery` the value
    of the platform's key `delivery`, if it has one.
    """

    forges: tuple[str, ...] = ()
    hook: bool = False
    example: bool = False
    delivery: Mapping[str, str] | None = None


def initial_files(loader: TemplateLoader, wanted: ScaffoldOptions) -> dict[str, str]:
    """Return the content of all files by path, except the JSON Schemas, which are generated from the platform file."""
    sources = {**_LEAST, **(_HOOK if wanted.hook else {}), **(EXAMPLE if wanted.example else {})}
    for forge in wanted.forges:
        sources |= FORGES[forge]
    texts = {name: loader.text(source) for name, source in sources.items()}
    if wanted.delivery is not None:
        value: dict[str, Any] = dict(wanted.delivery)
        text = put(texts[PLATFORM].encode(), PLATFORM, ("delivery",), value, before="clusters").decode()
        texts[PLATFORM] = text.replace("\nclusters:", "\n\nclusters:", 1)
    return texts
