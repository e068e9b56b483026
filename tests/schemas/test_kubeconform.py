"""A kubeconform that gives wrong verdicts is detected in the run itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.core.errors import ToolError
from generator.schemas import kubeconform as engine
from generator.schemas.catalogue import SchemaCatalog

OPEN = SchemaCatalog.open("1.36")
GOOD = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "b"}}
# Shell programs around the real kubeconform (`$REAL`), and the message about each.
UNTRUSTED = {
    "takes everything": (
        '"$REAL" "$@" | sed s/statusInvalid/statusValid/',
        "gave the probe-unknown-key statusValid, expected statusInvalid",
    ),
    "hides what has no schema": (
        'exec "$REAL" -ignore-missing-schemas "$@"',
        "gave the probe-no-schema statusSkipped, expected statusError",
    ),
    "leaves some out": (
        'for folder do :; done; rm "$folder/0.yaml"; exec "$REAL" "$@"',
        "checked 5 of 6 objects",
    ),
    "finds no schemas": (
        'exec "$REAL" -strict -output json -summary -verbose -schema-location /nowhere.json "$(eval echo \\${$#})"',
        "gave the probe-valid statusError, expected statusValid",
    ),
    "prints no verdicts": ("echo done", "printed no results:\ndone"),
    "reports other objects": (
        '"$REAL" "$@" | sed s/probe-valid.yaml/other.yaml/',
        "checked 5 of 6 objects",
    ),
    "reports no status": ('"$REAL" "$@" | sed s/status/state/', "printed no results:"),
    "prints other JSON": ("echo '[]'", "printed no results:"),
    "fails": ("echo broken >&2; exit 2", "failed with code 2:\nbroken"),
}


@pytest.mark.parametrize("name", UNTRUSTED)
def test_a_program_that_validates_wrongly_is_refused(
    name: str, kubeconform: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, expected = UNTRUSTED[name]
    binary = tmp_path / "kubeconform"
    binary.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
    binary.chmod(0o755)
    monkeypatch.setenv("REAL", str(kubeconform))
    with pytest.raises(ToolError) as caught:
        engine.validate([GOOD], OPEN, binary)
    assert expected in str(caught.value)


def test_the_real_one_is_trusted(kubeconform: Path) -> None:
    assert engine.validate([GOOD], OPEN, kubeconform) == []
    assert engine.validate([], OPEN, kubeconform) == []


def test_a_list_is_no_object(kubeconform: Path) -> None:
    several = {"apiVersion": "v1", "kind": "List", "items": [GOOD, GOOD]}
    with pytest.raises(ToolError, match="counted 7 objects but reported 6"):
        engine.validate([several], OPEN, kubeconform)


def test_the_error_without_kubeconform_has_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ToolError, match="kubeconform is not installed") as caught:
        engine.validate([GOOD], OPEN)
    assert caught.value.hint == (
        "`go install github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0` installs it; "
        "use --engine embedded to validate without kubeconform"
    )


def test_nothing_is_left_behind(kubeconform: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    engine.validate([GOOD], OPEN, kubeconform)
    assert list(tmp_path.iterdir()) == []
