"""Specs that servegen writes: every key of every model is kept, in the order in which the models declare them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.yaml import read
from generator.edit.spec_text import model_text, project_text, service_text, spec_text
from generator.spec.base import fields_of
from generator.spec.model import Model, Version
from generator.spec.platform import Platform
from generator.spec.project import Project
from generator.spec.schema import KINDS
from generator.spec.service import Release, Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.spec.base import Spec

WRITERS: dict[type[Spec], Callable[[dict[str, Any]], str]] = {
    Service: service_text,
    Release: lambda keys: service_text({"environments": {"prod": keys}}),
    Project: project_text,
    Model: model_text,
    Version: lambda keys: model_text({"versions": {"v1": keys}}),
    Platform: lambda keys: spec_text("platform", keys),
}


def _read(model: type[Spec], text: str) -> Any:
    document, findings = read(text.encode(), "x.yaml")
    assert findings == []
    assert document is not None
    assert isinstance(document.data, dict)
    wrapped: Any = document.data
    return {Release: lambda d: d["environments"]["prod"], Version: lambda d: d["versions"]["v1"]}.get(
        model, lambda d: d
    )(wrapped)


@pytest.mark.parametrize("model", WRITERS, ids=lambda model: model.__name__)
@given(data=st.data())
def test_every_key_survives_in_the_order_of_the_fields(model: type[Spec], data: st.DataObject) -> None:
    keys = data.draw(st.permutations(list(fields_of(model))))
    written = _read(model, WRITERS[model](dict.fromkeys(keys, "x")))
    assert list(written.items()) == [(key, "x") for key in fields_of(model)]


def test_every_kind_of_spec_has_its_schema_line() -> None:
    assert {kind: spec_text(kind, {"a": "b"}).splitlines()[0].partition("=")[2] for kind in KINDS} == {
        "platform": ".schema/platform.json",
        "project": "../.schema/project.json",
        "model": "../../.schema/model.json",
        "service": "../../.schema/service.json",
    }


def test_a_key_that_no_model_knows_is_kept_at_the_end() -> None:
    assert service_text({"later": "b", "type": "serving", "model": "m"}).splitlines()[1:] == [
        "model: m",
        "type: serving",
        "later: b",
    ]
