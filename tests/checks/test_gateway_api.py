"""H14 compared with the schemas of the Gateway API: what the check refuses, an API server refuses too."""

from __future__ import annotations

import pytest

from generator.schemas import embedded
from generator.schemas.catalogue import SchemaCatalog, minors
from tests.support.one_app import gateway_api_platform, objects, service

PLATFORM = gateway_api_platform('{"80": istio-system/serving, "8080": {name: istio-system/serving, listener: second}}')


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ("headers: [{}]\n".format(", ".join(f"{{name: x-a, exact: a{n}, service: m-{n}}}" for n in range(2, 18))), ()),
        ("split: {}\n".format(",".join(f"m-{n}:1%" for n in range(2, 18))), (0, "backendRefs")),
        ("mirror: {}\n".format(",".join(f"m-{n}:1%" for n in range(2, 19))), (0, "filters")),
    ],
    ids=["rules", "back ends", "filters"],
)
def test_what_h14_refuses_an_api_server_refuses_too(keys: str, path: tuple[str | int, ...]) -> None:
    others = (service(number) for number in range(2, 19))
    trees = objects(service(1, f"host: x.example.com\n{keys}"), *others, platform=PLATFORM, refused=("H14",))
    found = embedded.validate(trees, SchemaCatalog.open(minors()[-1]))
    assert [finding.path for finding in found] == [("spec", "rules", *path)]
