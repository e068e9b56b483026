"""The grammars of compact values: cases/values/<grammar>.txt holds inputs with their results or error messages.

A case is a YAML value and, indented, `= value` or `! message` and `hint`. To add a case, add a line; `--rewrite` fills
in its result. The inputs include all golden vectors of cube-studio's own parsers.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.fix import fix_of
from generator.core.yaml import EMPTY, read
from generator.spec import metric_query, metric_source
from generator.spec.json_schema import json_schema
from generator.spec.values import (
    address,
    affinity,
    api_server,
    byte_size,
    cluster,
    command,
    config,
    container_release,
    digest,
    egress,
    env,
    evaluation,
    file_digests,
    git_source,
    gpu,
    health,
    host,
    hpa,
    http_names,
    image,
    link,
    metrics,
    mirrors,
    model_path,
    model_source,
    moment,
    namespace_labels,
    node_count,
    nodes,
    object_name,
    objective,
    origins,
    owner,
    pace,
    path_prefix,
    ports,
    priorities,
    pull_secrets,
    quantity,
    replicas,
    rollout,
    scalars,
    schedule,
    series,
    shares,
    source_prefix,
    spread,
    taints,
    tensor,
    tolerations,
    volumes,
    web_folder,
    writable,
)
from generator.spec.values.invalid_value import InvalidValueError
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = ROOT / "tests" / "cases" / "values"
GRAMMARS: dict[str, tuple[Callable[[object], Any], Any]] = {
    "api_server": (api_server.api_server, api_server.ApiServer),
    "addresses": (address.addresses, address.Addresses),
    "expression": (series.expression, series.ExpressionField),
    "id": (series.number, series.Id),
    "networks": (address.networks, address.Networks),
    "port_list": (series.port_list, series.PortList),
    "port_range": (series.port_range, series.PortRange),
    "domain": (cluster.domain, cluster.Domain),
    "link": (link.parse, link.Link),
    "web_folder": (web_folder.parse, web_folder.WebFolder),
    "repository": (git_source.repository, git_source.Repository),
    "revision": (git_source.revision, git_source.Revision),
    "folder": (git_source.folder, git_source.Folder),
    "gateway": (cluster.gateway, cluster.GatewayName),
    "image": (image.parse, image.ImageField),
    "image_prefix": (mirrors.prefix, mirrors.ImagePrefix),
    "object_name": (object_name.parse, object_name.ObjectName),
    "source_prefix": (source_prefix.parse, source_prefix.SourcePrefix),
    "minor": (cluster.minor, cluster.Minor),
    "namespace": (cluster.namespace, cluster.Namespace),
    "affinity": (affinity.parse, affinity.AffinityField),
    "boolean": (scalars.boolean, scalars.Bool),
    "class_name": (priorities.class_name, priorities.ClassName),
    "command": (command.parse, command.CommandField),
    "config": (config.parse, config.ConfigField),
    "byte_size": (byte_size.parse, byte_size.ByteSize),
    "cores": (quantity.one_of_cores, quantity.Cores),
    "cpu": (quantity.parse_cpu, quantity.CpuField),
    "digest": (digest.parse, digest.Digest),
    "duration": (scalars.seconds, scalars.Duration),
    "env": (env.parse, env.EnvField),
    "data_type": (tensor.data_type, tensor.DataType),
    "file_digests": (file_digests.parse, file_digests.FileDigests),
    "shape": (tensor.shape, tensor.Shape),
    "evaluation": (evaluation.parse, evaluation.EvaluationField),
    "gpu": (gpu.parse, gpu.GpuField),
    "health": (health.parse, health.HealthField),
    "host": (host.parse, host.HostField),
    "hpa": (hpa.parse, hpa.HpaField),
    "memory": (quantity.parse_memory, quantity.MemoryField),
    "metrics": (metrics.parse, metrics.ScrapeField),
    "model_path": (model_path.parse, model_path.ModelPathField),
    "model_source": (model_source.parse, str),
    "moment": (moment.parse, moment.Moment),
    "namespace_labels": (namespace_labels.parse, namespace_labels.NamespaceLabels),
    "nodes": (nodes.parse, nodes.NodesField),
    "container_release": (container_release.parse, container_release.ContainerRelease),
    "node_count": (node_count.parse, node_count.NodeCountField),
    "taints": (taints.parse, taints.TaintsField),
    "owner": (owner.parse, owner.Owner),
    "pace": (pace.parse, pace.PaceField),
    "tolerance": (pace.tolerance, pace.Tolerance),
    "window": (pace.window, pace.Window),
    "selector": (metric_source.selector, metric_source.Selector),
    "path_prefix": (path_prefix.parse, path_prefix.PathField),
    "origins": (origins.parse, origins.Origins),
    "methods": (http_names.methods, http_names.Methods),
    "header_names": (http_names.tokens, http_names.HeaderNames),
    "retries": (scalars.retries, scalars.Retries),
    "ports": (ports.parse, ports.Ports),
    "priority": (priorities.number, priorities.PriorityNumber),
    "pull_secrets": (pull_secrets.parse, pull_secrets.PullSecretsField),
    "replicas": (replicas.parse, replicas.ReplicasField),
    "objective": (objective.parse, objective.ObjectiveField),
    "rollout": (rollout.parse, rollout.RolloutField),
    "schedule": (schedule.parse, schedule.ScheduleField),
    "time_zone": (metric_source.time_zone, metric_source.TimeZone),
    "series": (metric_query.series, metric_query.Series),
    "query": (metric_query.query, metric_query.Query),
    "size": (quantity.one_size, quantity.Size),
    "split": (shares.parse_split, shares.SplitField),
    "spread": (spread.parse, spread.SpreadField),
    "timestamp": (scalars.timestamp, scalars.Timestamp),
    "tolerations": (tolerations.parse, tolerations.TolerationsField),
    "user": (scalars.user, scalars.User),
    "volumes": (volumes.parse, volumes.VolumesField),
    "writable": (writable.parse, writable.WritableField),
    "egress": (egress.parse, egress.EgressField),
}


def _value(text: str) -> Any:
    document, findings = read(f"v: {text}\n".encode(), "case")
    assert document is not None, findings
    assert isinstance(document.data, dict)
    return document.data["v"]


def _inputs(text: str) -> list[str]:
    return [block.split("\n")[0] for block in text.strip("\n").split("\n\n")]


def _outcome(parse: Callable[[object], Any], text: str) -> str:
    try:
        return f"{text}\n  = {parse(_value(text))!r}"
    except InvalidValueError as mistake:
        lines = [
            text,
            f"  ! {mistake}",
            f"    at: {mistake.at}" if mistake.at else "",
            f"    hint: {mistake.hint}" if mistake.hint else "",
        ]
        return "\n".join(filter(None, lines))


@pytest.mark.parametrize("name", GRAMMARS)
def test_what_every_value_means_or_why_it_is_refused(name: str, rewrite: bool) -> None:
    file = CASES / f"{name}.txt"
    parse, _ = GRAMMARS[name]
    text = file.read_text(encoding="utf-8")
    outcome = "\n\n".join(_outcome(parse, case) for case in _inputs(text)) + "\n"
    if rewrite:
        file.write_text(outcome, encoding="utf-8")
        text = outcome
    assert text == outcome


def test_every_case_file_has_a_grammar() -> None:
    assert {path.stem for path in CASES.iterdir()} == GRAMMARS.keys()


# Values with two mistakes, of which the first has a fix.
TWO_MISTAKES = {"{pord: 1}", "'%%,cpu:'", "[{pvc: b, mount: b}]"}


@pytest.mark.parametrize("name", GRAMMARS)
def test_what_a_hint_says_to_write_is_accepted(name: str) -> None:
    parse, _ = GRAMMARS[name]
    for text in _inputs((CASES / f"{name}.txt").read_text(encoding="utf-8")):
        if text in TWO_MISTAKES:
            continue
        try:
            parse(_value(text))
        except InvalidValueError as mistake:
            fix = fix_of(mistake.found, mistake.hint)
            better = fix.apply(text, 0) if fix is not None else None
            if better is not None:
                parse(_value(better))


@pytest.mark.parametrize("name", GRAMMARS)
def test_the_schema_for_editors_accepts_what_the_grammar_accepts(name: str) -> None:
    parse, field = GRAMMARS[name]
    validator = jsonschema_rs.validator_for(json_schema(field))
    for text in _inputs((CASES / f"{name}.txt").read_text(encoding="utf-8")):
        value = _value(text)
        try:
            parse(value)
        except InvalidValueError:
            continue
        typed = int(value) if isinstance(value, str) and value.isdigit() and not value.startswith("0") else value
        typed = {"true": True, "false": False}.get(value, typed) if name == "boolean" else typed
        assert validator.is_valid(_lists(typed)) or validator.is_valid(_lists(value)), text


def _lists(value: Any) -> Any:
    """Convert numbers and booleans in lists and mappings from strings to the types that an editor sees."""
    if isinstance(value, list):
        return [_lists(item) for item in value]
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    return int(value) if isinstance(value, str) and value.isdigit() and value == str(int(value)) else value


_characters = st.text(alphabet="0123456789.,;:=%~-()/ ＡgpucmTGMi（），：％～aZ_*#[]{}\n\"'", max_size=24)
_anything = st.recursive(
    st.none() | st.just(EMPTY) | _characters | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["min", "max", "port", "path", "pvc", "mount", "request", "limit", "secret", "count", "card"]
            )
            | _characters,
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("name", GRAMMARS)
@given(value=_anything)
def test_anything_gives_a_value_or_a_mistake(name: str, value: Any) -> None:
    with contextlib.suppress(InvalidValueError):
        GRAMMARS[name][0](value)
