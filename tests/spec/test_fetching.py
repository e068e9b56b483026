"""The credentials for the address of a model, and the keys of the platform file for fetching."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.spec.fetching import FetchFacts, SourceCredentials, credentials
from generator.spec.validator import require_valid
from generator.spec.values import source_prefix
from generator.spec.values.env import KeyReference
from generator.spec.values.model_source import format_source, parse

_PREFIXES: Final = (
    "s3",
    "s3://models",
    "s3://models/detector",
    "hf",
    "hf://org/private",
    "https://models.example.com",
    "https://models.example.com:8443/m",
    "oci://registry.example.com",
    "oci://registry.example.com/team/m",
)
_SOURCES: Final = {
    prefix: SourceCredentials(secret=f"secret-{index}", env={"PREFIX": prefix})
    for index, prefix in enumerate(_PREFIXES)
}


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("s3://models/detector/1/", "s3://models/detector"),
        ("s3://models/detector2/1/", "s3://models"),
        ("s3://models2/detector/1/", "s3"),
        ("gs://models/detector/1/", None),
        ("hf://org/private@main#onnx", "hf://org/private"),
        ("hf://org/private2@main", "hf"),
        ("https://models.example.com/m.onnx", "https://models.example.com"),
        ("https://models.example.com:8443/m/a.onnx", "https://models.example.com:8443/m"),
        ("https://models.example.com:8443/n/a.onnx", None),
        ("https://models.example.com.evil.example/m.onnx", None),
        ("http://models.example.com/m.onnx", None),
        ("oci://registry.example.com/team/m:1", "oci://registry.example.com/team/m"),
        ("oci://registry.example.com:5000/team/m:1", None),
        ("/mnt/models/detector", None),
        ("pvc://models/detector", None),
    ],
)
def test_the_longest_prefix_has_the_credentials(address: str, prefix: str | None) -> None:
    found = credentials(format_source(parse(address)), _SOURCES)
    assert found is (_SOURCES[prefix] if prefix is not None else None)


@given(address=st.from_regex(r"\A(s3|hf|https|oci)://[a-z.]{1,8}(/[a-z]{1,3}){1,2}(:[a-z0-9]{1,3})?\Z"))
def test_a_prefix_gives_no_credentials_to_another_host_or_bucket(address: str) -> None:
    scheme, _, rest = address.partition("://")
    host = rest.partition("/")[0]
    sources = {f"{scheme}://{host[:-1] or 'a'}": SourceCredentials(secret="other")}
    assert (credentials(address, sources) is None) == (host != (host[:-1] or "a"))


def test_prefixes_are_canonical() -> None:
    assert [source_prefix.parse(prefix) for prefix in _PREFIXES] == list(_PREFIXES)


def test_the_default_images_are_pinned() -> None:
    facts = FetchFacts()
    assert (facts.image, facts.checker) == ("kserve/storage-initializer:v0.21.0", "busybox:1.37")


def test_env_can_refer_to_a_secret() -> None:
    found = require_valid(SourceCredentials, {"env": {"HF_TOKEN": {"secret": "hub/token"}}})
    assert found.env == {"HF_TOKEN": KeyReference("secret", "hub", "token")}
