"""A function that remembers its last results: once for each object, and never the result of another one."""

from __future__ import annotations

from generator.core.recent import once_per_object


def test_equal_objects_have_results_of_their_own_and_each_is_computed_once() -> None:
    asked: list[dict[str, int]] = []

    @once_per_object
    def keys(tree: dict[str, int]) -> list[str]:
        asked.append(tree)
        return [*tree]

    trees = [{"a": number} for number in range(300)]
    for tree in trees:
        assert keys(tree) == ["a"]
        assert keys(tree) is keys(tree)
    assert keys({"b": 1}) == ["b"]
    assert [id(tree) for tree in asked[:300]] == [id(tree) for tree in trees]
