"""Any MLflow data are unchanged when read back from the registry, so that a second import reports nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.importers.mlflow import DescribedVersion, ListedVersion, MlflowOptions, RegisteredModel, Run, carry_over
from generator.importers.mlmodel import ModelFormat, format_of_run, parse
from generator.importers.registrations import Additions, additions
from generator.pipeline.plan import resolve_fleet
from generator.spec.catalog import Catalog
from tests.support.fleets import PLATFORM

LIBRARY = TemplateLoader((templates_root(),))
OPTIONS = MlflowOptions("vision", None, Catalog(LIBRARY).frameworks)
TEXTS = st.text(st.characters(), max_size=30)
NAMED = st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=4)
FLOATS = st.dictionaries(TEXTS.filter(bool), st.floats(), max_size=4)


@st.composite
def described(draw: st.DrawFn, version: str) -> DescribedVersion:
    """Draw a version with arbitrary strings and numbers."""
    model = RegisteredModel("Digits Net", draw(TEXTS))
    listed = ListedVersion(model, version, "READY", "None", draw(TEXTS), draw(NAMED), draw(TEXTS), "")
    run = Run(draw(TEXTS), draw(st.integers(0, 2**42)), draw(TEXTS), draw(FLOATS), draw(NAMED))
    form = ModelFormat(("sklearn",), draw(st.sampled_from(["", "0", "1024"])))
    return DescribedVersion(
        listed, draw(TEXTS), draw(st.none() | st.just(run)), draw(FLOATS), draw(st.none() | st.just(form))
    )


def added(specs: dict[str, bytes], versions: list[DescribedVersion]) -> Additions:
    """Return what these versions add to the specs."""
    fleet = resolve_fleet(specs, LIBRARY).fleet
    assert fleet is not None
    return additions(carry_over(versions, OPTIONS)[0], specs, fleet)


@given(described("1"), described("2"))
def test_any_text_is_read_back_as_it_was(first: DescribedVersion, second: DescribedVersion) -> None:
    specs = {"services/platform.yaml": PLATFORM.encode()}
    specs |= added(specs, [first]).files
    specs |= added(specs, [first, second]).files
    again = added(specs, [first, second])
    assert (again.files, again.notes, again.differences, again.refused) == ({}, [], [], [])
    assert again.there == len(carry_over([first, second], OPTIONS)[0])


def test_a_format_comes_from_the_file_or_the_run() -> None:
    assert parse(b"flavors: {onnx: {data: model.onnx}, python_function: }\nmodel_size_bytes: 7\n") == ModelFormat(
        ("onnx",), "7"
    )
    assert parse(b"flavors: [onnx]\n") is None
    assert parse(b"\xff") is None
    history = '[{"artifact_path": "m", "flavors": {"tensorflow": {}}}, 3]'
    assert format_of_run(history, "s3://b/run/artifacts/m/") == ModelFormat(("tensorflow",), "")
    assert format_of_run(history, "s3://b/run/artifacts/other") is None
    assert format_of_run("{", "s3://b/m") is None


def test_flavors_that_stand_for_one_framework_name_it_and_others_do_not() -> None:
    names = OPTIONS.known
    assert ModelFormat(("keras", "tensorflow"), "").frameworks(names) == ("tf",)
    assert ModelFormat(("transformers", "pytorch"), "").frameworks(names) == ("pytorch", "transformers")
    assert ModelFormat(("langchain",), "").frameworks(names) == ()
    listed = ListedVersion(RegisteredModel("m", ""), "1", "READY", "None", "", {}, "", "")
    several = DescribedVersion(listed, "s3://b/m", None, {}, ModelFormat(("transformers", "pytorch"), ""))
    (one,), _ = carry_over([several], OPTIONS)
    assert "framework" not in one.registration.facts
    assert one.notes[0].text == (
        "left out: its flavors match several frameworks: pytorch, transformers; import it again with --framework NAME"
    )
    (given_one,), _ = carry_over([several], replace(OPTIONS, framework="pytorch"))
    assert given_one.registration.facts["framework"] == "pytorch"
