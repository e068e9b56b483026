"""The rules of the Pod Security Standards, compared with the verdicts of the API server's own evaluator."""

from __future__ import annotations

from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.checks.objects.pod_security import forbidden_fields
from generator.spec.namespaces import PodSecurity
from tests.conftest import ROOT
from tests.support.yaml_file import read_yaml

LEVELS: Final[tuple[PodSecurity, ...]] = get_args(PodSecurity)
CASES: Final[list[dict[str, Any]]] = read_yaml(ROOT / "tests" / "cases" / "pod-security.yaml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_strictest_level_that_admits_a_pod(case: dict[str, Any]) -> None:
    found = {}
    for version in case["admitted"]:
        minor = int(version.removeprefix("1."))
        found[version] = [level for level in LEVELS if not list(forbidden_fields(case["pod"], level, minor))][-1]
    assert found == case["admitted"]


def test_every_finding_is_at_a_place_in_the_pod_or_below_one() -> None:
    for case in CASES:
        for violation in forbidden_fields(case["pod"], "restricted", 36):
            node: Any = case["pod"]
            for step in violation.path[:-1]:
                node = node[step]
            assert violation.found
            assert violation.hint


_KEYS = (
    "securityContext",
    "containers",
    "volumes",
    "sysctls",
    "capabilities",
    "annotations",
    "spec",
    "metadata",
    "ports",
)
_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(_KEYS), _junk, max_size=4))
def test_what_has_a_wrong_type_is_left_to_the_schema(pod: dict[str, Any]) -> None:
    assert all(violation.hint for violation in forbidden_fields(pod, "restricted", 36))


@pytest.mark.parametrize(("level", "admitted"), [("baseline", True), ("restricted", False)])
def test_the_hint_for_a_folder_of_the_node_names_volumes_that_the_level_admits(
    level: PodSecurity, admitted: bool
) -> None:
    def found(volume: dict[str, Any]) -> list[str]:
        pod = {"spec": {"volumes": [{"name": "v", **volume}], "containers": []}}
        return [field.hint for field in forbidden_fields(pod, level, 36)]

    (hint,) = found({"hostPath": {"path": "/data"}})
    assert ("(nfs)" in hint) is admitted
    assert (found({"nfs": {"server": "nfs.example.com", "path": "/"}}) == []) is admitted
    assert found({"persistentVolumeClaim": {"claimName": "c"}}) == found({"emptyDir": {"medium": "Memory"}}) == []
