"""Images in the mirrors of their registries."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.spec.values import image
from generator.spec.values.mirrors import mirror_image, prefix

_DIGEST: Final = f"sha256:{'0' * 64}"
_HUB: Final = {"docker.io": "r.example.com/mirror"}
_MANY: Final = {
    "docker.io": "r.example.com/hub",
    "docker.io/kserve": "r.example.com:5000/kserve",
    "docker.io/library/busybox": "r.example.com/tools/box",
    "nvcr.io/nvidia": "r.example.com/nvidia",
    "localhost:5000": "r.example.com/local",
}


@pytest.mark.parametrize(
    ("reference", "mirrors", "expected"),
    [
        ("kserve/storage-initializer:v0.21.0", _HUB, "r.example.com/mirror/kserve/storage-initializer:v0.21.0"),
        ("busybox:1.37", _HUB, "r.example.com/mirror/library/busybox:1.37"),
        ("busybox", _HUB, "r.example.com/mirror/library/busybox"),
        ("docker.io/busybox:1", _HUB, "r.example.com/mirror/library/busybox:1"),
        ("index.docker.io/kserve/x:1", _HUB, "r.example.com/mirror/kserve/x:1"),
        (f"a/b@{_DIGEST}", _HUB, f"r.example.com/mirror/a/b@{_DIGEST}"),
        (f"a/b:1@{_DIGEST}", _HUB, f"r.example.com/mirror/a/b:1@{_DIGEST}"),
        ("nvcr.io/nvidia/tritonserver:26.07-py3", _HUB, "nvcr.io/nvidia/tritonserver:26.07-py3"),
        ("kserve/storage-initializer:1", _MANY, "r.example.com:5000/kserve/storage-initializer:1"),
        ("kserve2/storage-initializer:1", _MANY, "r.example.com/hub/kserve2/storage-initializer:1"),
        ("busybox:1.37", _MANY, "r.example.com/tools/box:1.37"),
        ("nvcr.io/nvidia/tritonserver:26.07-py3", _MANY, "r.example.com/nvidia/tritonserver:26.07-py3"),
        ("nvcr.io/nvidia2/x:1", _MANY, "nvcr.io/nvidia2/x:1"),
        ("localhost:5000/x:1", _MANY, "r.example.com/local/x:1"),
        ("localhost:5001/x:1", _MANY, "localhost:5001/x:1"),
        ("busybox:1.37", {}, "busybox:1.37"),
    ],
)
def test_an_image_is_in_the_mirror_of_its_registry(reference: str, mirrors: dict[str, str], expected: str) -> None:
    assert mirror_image(reference, mirrors) == expected
    assert all(prefix(start) == start and prefix(mirror) == mirror for start, mirror in mirrors.items())


_registry = st.sampled_from(["", "docker.io/", "nvcr.io/", "localhost:5000/"])
_path = st.from_regex(r"\A[a-z0-9]{1,4}(/[a-z0-9]{1,4}){0,2}\Z")
_end = st.sampled_from(["", ":1", ":latest", f"@{_DIGEST}", f":1@{_DIGEST}"])


@given(reference=st.builds("{}{}{}".format, _registry, _path, _end), mirrors=st.sampled_from([{}, _HUB, _MANY]))
def test_a_mirrored_image_is_an_image_with_the_same_tag_and_digest(reference: str, mirrors: dict[str, str]) -> None:
    found = mirror_image(reference, mirrors)
    assert image.parse(found) == found
    assert image.revision(found) == image.revision(reference)
    assert mirror_image(found, mirrors) == found
