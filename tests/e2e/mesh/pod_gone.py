"""Requests to a service of which one pod is gone, but the gateway does not know it yet."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.e2e.mesh.rig import until
from tests.support.one_app import objects, service

if TYPE_CHECKING:
    from tests.e2e.mesh.rig import Rig


def statuses(rig: Rig, keys: str = "") -> Counter[int]:
    """Return the statuses of 60 requests to m-1, which has two pods; one of them refuses connections.

    `keys` are further keys of the spec of m-1.
    """
    host = "gone.example.com"
    rig.half_gone.add(("p-prod", "m-1"))
    try:
        rig.feed(objects(service(1, f"host: {host}\n{keys}"), platform=rig.mesh.platform))
        until("both pods", lambda: rig.endpoints("p-prod", "m-1") == 2)
        answers = [rig.ask(host, "/infer", method="POST", body=b"input") for _ in range(60)]
    finally:
        rig.half_gone.clear()
        rig.feed([])
    return Counter(answer.status for answer in answers)
