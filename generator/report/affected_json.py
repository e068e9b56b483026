"""The affected services as JSON; docs/affected.schema.json describes it. Fields may be added; others change with
`version`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from generator import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.review.affected import AffectedService

VERSION: Final = 1


def report(services: Sequence[AffectedService], before: str, after: str) -> str:
    """Return the services as one JSON document, with a newline at its end; `before` and `after` name the revisions."""
    document = {
        "version": VERSION,
        "servegen": __version__,
        "before": before,
        "after": after,
        "services": [_service(one) for one in services],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _service(one: AffectedService) -> dict[str, Any]:
    because = [{"kind": reason.kind, "name": reason.name, "through": reason.through or None} for reason in one.because]
    names = dict(zip(("project", "app", "service"), one.key, strict=True))
    return {**names, "environments": list(one.environments), "objects": one.objects, "because": because}
