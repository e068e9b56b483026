"""A container gets the texts of its spec as they are written, with `$(NAME)` replaced by a variable."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from generator.render.views.expansion import escape, escape_all, order_by_reference, references
from tests.render.launch.launches import container, errors, planned, workload
from tests.servers.environment import expand

_FREE = {"type": "serving", "image": "example.com/m:1", "health": "80:/ok"}
_VERSION = {"path": "/models/$(TZ)/a$$b", "framework": "onnx"}


def _texts(longest: int) -> list[str]:
    letters = itertools.chain.from_iterable(itertools.product("$(A) ", repeat=length) for length in range(longest + 1))
    return ["".join(text) for text in letters]


def test_each_text_is_what_the_container_gets() -> None:
    for text in _texts(7):
        meant = re.sub(r"\$\$\(|\$\(A\)", lambda match: "$(" if match[0] == "$$(" else "1", text)
        assert expand(escape(text), {"A": "1"}) == meant
        assert expand(escape_all(text), {"A": "1"}) == text


def test_the_names_that_kubernetes_looks_up() -> None:
    for text in _texts(7):
        looked_up: list[str] = []

        class _Log(dict[str, str]):
            def get(self, name: str, default: Any = None) -> Any:
                looked_up.append(name)  # noqa: B023 - used in this round only
                return default

        expand(text, _Log())
        assert list(references(text)) == looked_up


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        ({"A": "1", "B": "2"}, "A B"),
        ({"A": "$(B)", "B": "2"}, "B A"),
        ({"A": "$(C)$(B)", "B": "2", "C": "$(D)", "D": "", "E": ""}, "D C B A E"),
        ({"A": "$$(B)", "B": "2"}, "A B"),
        ({"A": "$(A)", "B": "$(C)", "C": "$(B)"}, "A C B"),
        ({f"V{number}": f"$(V{number + 1})" for number in range(3000)}, " ".join(f"V{n}" for n in range(2999, -1, -1))),
    ],
)
def test_variables_follow_those_that_they_refer_to(texts: dict[str, str], order: str) -> None:
    variables = {name: {"name": name, "value": text} for name, text in texts.items()}
    assert " ".join(one["name"] for one in order_by_reference(variables)) == order


def _environment(main: dict[str, Any]) -> dict[str, str]:
    out: dict[str, str] = {}
    for entry in main["env"]:
        out[entry["name"]] = expand(entry["value"], out) if "value" in entry else f"<{entry['name']}>"
    return out


def test_a_container_gets_what_its_spec_says() -> None:
    service = {
        **_FREE,
        "command": "echo $$ > /tmp/pid && echo $(date) $(STORE_HOST) $(cat $$.txt) && exec python server.py",
        "health": {"command": ["check", "$$", "$(DB_WORD)", "$$(STORE_HOST)"]},
        "env": {
            "DB_WORD": "pa$$word",
            "BASE_URL": "http://$(STORE_HOST)/models",
            "TEXT": "$$(STORE_HOST)",
            "STORE_HOST": "store.$(K8S_POD_NAMESPACE)",
        },
    }
    made = planned({"version": _VERSION, "service": service})
    assert errors(made) == []
    main = container(workload(made))
    environment = _environment(main)
    assert environment["DB_WORD"] == "pa$$word"
    assert environment["BASE_URL"] == "http://store.<K8S_POD_NAMESPACE>/models"
    assert environment["TEXT"] == "$(STORE_HOST)"
    assert environment["KUBEFLOW_MODEL_PATH"] == "/models/$(TZ)/a$$b"
    assert [expand(word, environment) for word in main["command"]] == [
        "bash",
        "-c",
        "echo $$ > /tmp/pid && echo $(date) store.<K8S_POD_NAMESPACE> $(cat $$.txt) && exec python server.py",
    ]
    probe = main["readinessProbe"]["exec"]["command"]
    assert [expand(word, environment) for word in probe] == ["check", "$$", "pa$$word", "$(STORE_HOST)"]


def test_the_fetcher_gets_the_address_that_the_registry_has() -> None:
    address = "s3://models/$(TZ)/a$$b/m.onnx"
    service = {"type": "triton-server"}
    pod = workload(planned({"version": {"path": address, "framework": "onnx"}, "service": service}))[-1]
    fetcher = pod["spec"]["template"]["spec"]["initContainers"][0]
    assert expand(fetcher["args"][0], {"TZ": "Asia/Shanghai"}) == address


def test_a_text_without_special_dollars_is_not_changed() -> None:
    text = 'for n in $(seq "$1"); do echo ${n} $? $((n + 1)) 5$; done'
    assert escape("$(date +%s) $(nproc)") == "$(date +%s) $(nproc)"
    assert expand(escape(text), {}) == text
