"""C16: a service in production should not run an image that was built for debugging.

Such an image has a shell and debuggers, logs more, or answers more slowly, and was seldom built from what was tested.
The check compares the last part of the image's name, or the end of it, and the words of its tag with debug, dbg, dev,
develop and development, for services in environments of stage prod.

Passes:

    image: registry.example.com/vision/server:1.2

Fails in prod:

    image: registry.example.com/vision/server:1.2-debug
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "C16"
SEVERITY: Final = Severity.WARNING
_WORDS: Final = r"(?:debug|dbg|dev|develop|development)[0-9]*"
_NAME: Final = regex(rf"(?:\A|[-._]){_WORDS}\Z")
_TAG: Final = regex(rf"(?:\A|[-._]){_WORDS}(?:\Z|[-._])", re.IGNORECASE)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each image of a service in production whose name or tag says that it is for debugging."""
    for instance in context.production_instances:
        image = instance.settings.image
        if image is not None and _is_for_debugging(image):
            where = instance.environment.name
            message = f"{instance.service.name} runs the image {image} in {where}, which is for debugging by its name"
            hint = "write the image that was built for use; `environments` can have the other one for a test"
            yield Finding(ID, message, instance.position("image"), hint, SEVERITY, environments=(where,))


def _is_for_debugging(image: str) -> bool:
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    return _NAME.search(name) is not None or _TAG.search(tag) is not None
