"""An error in one spec changes nothing that is said about another.

Each spec of a fleet whose services depend on each other is broken in each way. A warning or an error about another file
that the fleet without the mistake does not have would be false, and following its hint could change what gets requests.
"""

from __future__ import annotations

import re
from typing import Final

import pytest

from generator.core.errors import RefusedError
from generator.core.finding import Finding
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from tests.support.fleets import PLATFORM

_LOADER: Final = TemplateLoader((templates_root(),))
_START: Final = "model: churn\nversion: v{0}\ntype: tfserving\n"
_APP: Final = "services/vision/churn/churn-"
# A canary of 10 %; a service that lost the host; one that mirrors; a project with the default settings of all; and a
# warning of its own for churn-4 and other-1, which stay.
_FLEET: Final = {
    "services/platform.yaml": PLATFORM,
    "services/vision/project.yaml": "title: Vision\ndefaults: {volumes: 'models(pvc):/mnt'}\n",
    "services/vision/models/churn.yaml": "versions:\n"
    + "".join(f"  v{n}: {{path: /mnt/churn/{n}/, framework: tensorflow}}\n" for n in range(1, 6)),
    f"{_APP}1.yaml": _START.format(1)
    + "replicas: 2~10\nhpa: cpu:50%\nhost: churn.example.com\nsplit: churn-2:10%\nenvironments:\n"
    + "  prod: {released: 2026-11-03T00:00:00Z}\n",
    f"{_APP}2.yaml": _START.format(2)
    + "replicas: 2\nhost: churn.example.com\nenvironments:\n"
    + "  prod: {released: 2026-11-05T00:00:00Z, takeover: manual}\n",
    f"{_APP}3.yaml": _START.format(3)
    + "replicas: 2\nhost: churn.example.com\nsplit: churn-9:10%\nenvironments:\n"
    + "  prod: {released: 2026-11-01T00:00:00Z}\n",
    f"{_APP}4.yaml": _START.format(4)
    + "replicas: 2\nhpa: cpu:50%\nmirror: churn-1:10%\nenvironments:\n  prod: {released: 2026-11-01T00:00:00Z}\n",
    "services/vision/other/other-1.yaml": _START.format(5)
    + "replicas: 2\nhpa: cpu:50%\nmirror: churn-2:10%\nenvironments:\n  prod: {released: 2026-11-01T00:00:00Z}\n",
}
_BREAKS: Final = {
    "a value": (r"replicas: 2", "replicas: two"),
    "an unknown key": (r"replicas", "replcias"),
    "the host": (r"host: .*", "host: '*.example.com'"),
    "an unknown key in the place of the host": (r"host:", "hots:"),
    "the share": (r"(split: churn-\d).*", r"\1:10%:2"),
    "the time": (r"released: [^,}]*", "released: yesterday"),
    "the takeover": (r"prod: \{", "prod: {takeover: later, "),
    "the environment": (r"prod: ", "prodd: "),
    "the stanza": (r"prod: .*", "prod: soon"),
    "the type": (r"type: .*", "type: tf-serving"),
    "no type": (r"type: .*\n", ""),
    "no model": (r"model: .*\n", ""),
    "the syntax": (r"version:", "version"),
    "the encoding": (r"churn", "\udcff"),
    "default settings": (r"defaults: .*", "defaults: {volumes: models}"),
    "the title": (r"title: .*", "title: []"),
    "a version": (r"tensorflow", "[]"),
}


def _judge(files: dict[str, str], unread: tuple[str, ...] = ()) -> set[Finding]:
    specs = {name: text.encode("utf-8", "surrogateescape") for name, text in files.items()}
    try:
        return set(plan(specs, _LOADER, unread=unread).findings)
    except RefusedError as refused:
        return set(refused.findings)


def _elsewhere(findings: set[Finding], files: set[str]) -> set[Finding]:
    """The findings that are about other files and name none of these."""
    return {f for f in findings if not {place.file for place in (f.position, *f.also)} & files}


@pytest.mark.parametrize("file", [name for name in _FLEET if name != "services/platform.yaml"])
def test_an_error_in_a_spec_says_nothing_about_another(file: str) -> None:
    sound = _judge(_FLEET)
    assert {f.position.file for f in sound} == {f"{_APP}4.yaml", "services/vision/other/other-1.yaml"}
    broken = 0
    for name, (old, new) in _BREAKS.items():
        text = re.sub(old, new, _FLEET[file], count=1)
        if text == _FLEET[file]:
            continue
        broken += 1
        found = _judge({**_FLEET, file: text})
        assert found - sound, (file, name)
        assert _elsewhere(found, {file}) <= _elsewhere(sound, {file}), (file, name)
        if name in ("a value", "the title"):
            assert _elsewhere(found, {file}) == _elsewhere(sound, {file}), (file, name)
    assert broken


@pytest.mark.parametrize("file", [name for name in _FLEET if name != "services/platform.yaml"])
def test_nor_does_a_file_that_is_not_read(file: str) -> None:
    sound = _judge(_FLEET)
    rest = {name: text for name, text in _FLEET.items() if name != file}
    moved = [f"{file[:-4]}yml", "/".join([*file.split("/")[:-1], "deeper", file.split("/")[-1]])]
    for other in moved:
        found = _judge({**rest, other: _FLEET[file]})
        assert _elsewhere(found, {other}) <= sound, other
    assert _judge(rest, (file,)) <= sound


def test_nor_do_two_files_of_one_service() -> None:
    sound = _judge(_FLEET)
    copy = "services/vision/again/churn-1.yaml"
    found = _judge({**_FLEET, copy: _FLEET[f"{_APP}1.yaml"]})
    both = {copy, f"{_APP}1.yaml"}
    assert _elsewhere(found, both) <= sound
