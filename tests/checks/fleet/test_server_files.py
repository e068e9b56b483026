"""The config files of model servers, as far as checks read them."""

from __future__ import annotations

import pytest

from generator.checks.fleet.text_proto import read_fields
from generator.checks.fleet.torchserve import local_port, port_of, read_properties


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('name: "m" max_batch_size: 8', {"name": "m", "max_batch_size": "8"}),
        ("platform: 'onnx'\n# name: \"x\"\n", {"platform": "onnx"}),
        ('input [ { name: "a" dims: [ 1, 2 ] }, { name: "b" } ]\nname: "m"', {"name": "m"}),
        ('input { name: "a" reshape { shape: [ 1 ] } }', {}),
        ("", {}),
    ],
)
def test_plain_fields_of_a_text_proto(text: str, fields: dict[str, str]) -> None:
    assert read_fields(text) == fields


def test_properties() -> None:
    text = "a=1\n b = 2 \nc: 3\nd 4\n# e=5\n! f=6\ng=\\\n  7\n\n"
    assert dict(read_properties(text)) == {"a": "1", "b": "2", "c": "3", "d": "4", "g": "7"}


@pytest.mark.parametrize(
    ("address", "local", "port"),
    [
        ("http://127.0.0.1:8080", 8080, 8080),
        ("https://localhost:8443", 8443, 8443),
        ("http://127.0.0.1", 8080, 8080),
        ("http://0.0.0.0:8085", None, 8085),
        ("unix:/tmp/ts.sock", None, 8080),
        ("", None, 8080),
        (None, 8080, 8080),
    ],
)
def test_addresses(address: str | None, local: int | None, port: int) -> None:
    properties = {} if address is None else {"inference_address": address}
    assert local_port(properties, "inference_address") == local
    assert port_of(properties, "inference_address") == port
