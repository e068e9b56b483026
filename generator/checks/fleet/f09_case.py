"""F09: the names of config files must differ by more than the case of their letters.

On macOS and Windows `Model.json` and `model.json` are one file, so that a clone of the repository there has only one of
them, and `git status` shows a change that nobody made. Source: git-config(1), core.ignoreCase.

Passes:

    config:
      model.json: "{}"
      labels.txt: cat

Fails:

    config:
      model.json: "{}"
      Model.json: "{}"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import Found, everywhere
from generator.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review
    from generator.fleet.model import Deployed

ID: Final = "F09"
SEVERITY: Final = Severity.ERROR


def check(review: Review) -> Iterator[Found]:
    """Each config file of which there is another form, in the base or in an environment."""
    for deployed in everywhere(review.fleet):
        seen: dict[str, str] = {}
        for name in deployed.settings.config or {}:
            other = seen.setdefault(name.lower(), name)
            if other != name:
                yield _clash(deployed, name, other)


def _clash(deployed: Deployed, name: str, other: str) -> Found:
    message = f"found the config file {name} beside {other}, expected names that differ by more than case"
    hint = "a checkout on macOS or Windows has one file for both: rename one"
    environments = (deployed.place.name,) if deployed.place.name else ()
    also = (deployed.position("config", other),)
    return Found(message, deployed.position("config", name), hint, also, environments=environments)
