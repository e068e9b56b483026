"""What a change of specs does to the objects, hosts and environments of a fleet."""

from __future__ import annotations

import itertools

from msgspec.structs import replace

from generator.review.model import Move
from tests.review.sides import FIRST, OTHER, PLATFORM, SECOND, SPECS, changes, edit, effects

ADDED = {
    **SPECS,
    SECOND: SPECS[FIRST].replace("v1", "v2").replace("2026-11-01", "2026-11-02"),
}


def test_nothing_changes_if_only_a_comment_does() -> None:
    assert changes(SPECS, edit(FIRST, "command: run", "command: run  # as before")).empty


def test_a_variable_restarts_the_pods_of_its_service() -> None:
    found = changes(SPECS, edit(FIRST, "A: one", "A: two"))
    assert effects(found) == ["restart Deployment/m-1"]
    assert {change.environment: change.pods for change in found.objects} == {"prod": 3, "test": 2}
    assert [leaf.difference.shown for change in found.objects for leaf in change.leaves] == [
        "spec.template.spec.containers[main].env[A].value"
    ] * 2


def test_a_config_file_restarts_pods_and_deletes_nothing() -> None:
    found = changes(SPECS, edit(FIRST, "a.txt: hello", "a.txt: bye"))
    assert effects(found) == ["restart ConfigMap/m-1-config", "restart Deployment/m-1"]
    shown = {change.key.short_kind: change.leaves[0].difference.shown for change in found.objects}
    assert shown == {
        "ConfigMap": "data.a.txt",
        "Deployment": "spec.template.spec.volumes[config].configMap.name",
    }


def test_replicas_are_capacity_in_the_environment_that_has_them() -> None:
    found = changes(SPECS, edit(FIRST, "replicas: 3~6", "replicas: 3~9"))
    assert effects(found, environment="test") == []
    assert effects(found) == ["capacity HorizontalPodAutoscaler/m-1"]


def test_a_newer_version_takes_the_host_over() -> None:
    found = changes(SPECS, ADDED)
    assert [(one.environment, one.address, one.effect) for one in found.hosts] == [
        ("prod", "m.example.com", "takeover"),
        ("test", "test.m.example.com", "takeover"),
    ]
    kinds = {effect: [line for line in effects(found) if line.startswith(effect)] for effect in ("delete", "takeover")}
    assert kinds["delete"] == []
    assert "takeover Deployment/m-1" in kinds["takeover"]
    assert "route VirtualService/m.example.com-80" in effects(found)


def test_a_service_that_is_removed_leaves_objects_and_its_host() -> None:
    found = changes(ADDED, {file: text for file, text in ADDED.items() if file not in (FIRST, SECOND)})
    assert "delete Deployment/m-2" in effects(found)
    assert "delete VirtualService/m.example.com-80" in effects(found)
    assert [(one.environment, one.after, one.effect) for one in found.hosts] == [
        ("prod", None, "delete"),
        ("test", None, "delete"),
    ]


def test_a_host_of_another_app_is_handed_over() -> None:
    other = edit(OTHER, "replicas: 2\n", "replicas: 2\nhost: m.example.com\n")
    found = changes(SPECS, edit(FIRST, "host: m.example.com\n", "", other))
    prod = {one.address: (one.effect, one.before, one.after) for one in found.hosts if one.environment == "prod"}
    assert prod["m.example.com"] == ("host hand-over", ("p", "a", "m-1"), ("p", "b", "n-1"))
    assert prod["n-1.example.com"][0] == "delete"
    assert prod["m-1.example.com"][0] == "create"
    assert "delete VirtualService/m.example.com-80" not in effects(found), "it goes to another app"


def test_an_environment_that_moves_leaves_its_cluster() -> None:
    found = changes(SPECS, edit(PLATFORM, "prod: {cluster: main,", "prod: {cluster: far,"))
    assert [replace(move, causes=()) for move in found.moves] == [Move("prod", "p", "main/p-prod", "far/p-prod")]
    gone = [change for change in found.objects if change.effect == "delete" and change.environment == "prod"]
    assert {change.key.cluster for change in gone} == {"main"}
    assert all(change.moved for change in gone)
    assert any(change.key.short_kind == "Deployment" and change.pods == 3 for change in gone)
    assert "create Deployment/m-1" in effects(found)
    assert all(change.environment == "prod" for change in found.objects)


def test_an_app_with_another_name_keeps_its_objects() -> None:
    after = {OTHER.replace("/b/", "/c/") if file == OTHER else file: text for file, text in SPECS.items()}
    found = changes(SPECS, after)
    assert "delete Deployment/n-1" not in effects(found)
    assert "create Deployment/n-1" not in effects(found)
    assert "delete ConfigMap/servegen-b" in effects(found)


def test_a_change_in_one_app_is_found_in_the_apps_that_it_reaches() -> None:
    """Only apps in reach are rendered; the result is that of rendering all of them."""
    split = edit(SECOND, "command: run\n", "command: run\nsplit: m-1:20%\n", ADDED)
    owner = edit(FIRST, "2026-11-01", "2026-11-03", split)
    steps = (SPECS, ADDED, split, owner, edit(OTHER, "replicas: 2\n", "replicas: 3\n", owner), SPECS)
    for before, after in itertools.pairwise(steps):
        found = changes(before, after)
        everything = changes(before, after, templates=["route/istio.yaml.j2"])
        assert [(one.key, one.effect) for one in found.objects] == [(one.key, one.effect) for one in everything.objects]
        assert found.objects != ()
