"""Compact string, full-width string, list and mapping of one value give the same result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from generator.spec.values import config, env, gpu, health, hpa, metrics, ports, quantity, replicas, shares, volumes
from generator.spec.values.text import looks_typed

if TYPE_CHECKING:
    from collections.abc import Callable

_FULL_WIDTH = str.maketrans(",;:%()~=", "，；：％（）～＝")
_number = st.integers(1, 60000)
_percent = st.integers(1, 100)
_label = st.from_regex(r"\A[a-z](-?[a-z0-9]){0,8}\Z")
_path = st.from_regex(r"\A(/[a-z0-9._-]{0,3}[a-z0-9]){1,3}\Z").filter(lambda path: path != "/config")
_card = st.sampled_from(["T4", "V100-32G", "910B"])
_vendor = st.sampled_from(["npu", "nvidia"])


def _same(parse: Callable[[object], Any], text: str, *others: object) -> None:
    """Assert that all spellings give one value."""
    expected = parse(text)
    assert parse(text.translate(_FULL_WIDTH)) == expected
    assert parse(f"  {text} ") == expected
    for other in others:
        assert parse(other) == expected


def _pairs(pairs: dict[str, int], sign: str) -> str:
    return sign.join(f"{name}:{number}%" for name, number in pairs.items())


@given(low=_number, more=st.integers(0, 100))
def test_replicas(low: int, more: int) -> None:
    high = low + more
    _same(replicas.parse, f"{low}~{high}", f"{low}-{high}", f"{low}－{high}", {"min": str(low), "max": str(high)})


@given(low=_number, more=st.integers(0, 5000))
def test_cpu(low: int, more: int) -> None:
    request, limit = f"{low}m", f"{low + more}m"
    cores = f"{(low + more) / 1000:.3f}"
    _same(
        quantity.parse_cpu,
        f"{request}~{limit}",
        {"request": request, "limit": limit},
        {"request": request, "limit": cores},
    )
    parsed = quantity.parse_cpu(f"{request}~{limit}")
    assert (quantity.millicores(parsed.request), quantity.millicores(parsed.limit)) == (low, low + more)


@given(low=_number, more=st.integers(0, 5000), unit=st.sampled_from(["M", "G", "Mi", "Gi"]))
def test_memory(low: int, more: int, unit: str) -> None:
    request, limit = f"{low}{unit}", f"{low + more}{unit}"
    _same(quantity.parse_memory, f"{request}~{limit}", {"request": request, "limit": limit})
    parsed = quantity.parse_memory(f"{request}~{limit}")
    bytes_each = {"M": 10**6, "G": 10**9, "Mi": 2**20, "Gi": 2**30}[unit]
    assert (quantity.size(parsed.request), quantity.size(parsed.limit)) == (low * bytes_each, (low + more) * bytes_each)
    assert quantity.parse_memory(f"{parsed.request}~{parsed.limit}") == parsed


@given(targets=st.dictionaries(st.sampled_from(["cpu", "mem", "gpu"]), _percent, min_size=1))
def test_hpa(targets: dict[str, int]) -> None:
    percent_first = ",".join(f"{name}:%{number}" for name, number in targets.items())
    _same(
        hpa.parse,
        _pairs(targets, ","),
        percent_first,
        _pairs(targets, ";").upper(),
        _pairs(dict(reversed(targets.items())), ",").replace(":", "="),
        _pairs(targets, "\n").split("\n"),
        {name: str(number) for name, number in targets.items()},
    )


_metric = st.one_of(st.sampled_from(["cpu", "mem", "memory", "gpu"]), st.from_regex(r"\A[a-z][a-z0-9_-]{0,20}\Z"))
_amount = st.one_of(
    st.integers(1, 10**8).map(str),
    st.integers(1, 10**6).map("{}m".format),
    st.integers(1, 10**6).map("{}k".format),
    st.decimals("0.001", "9999", places=3).map(str),
)


@given(targets=st.dictionaries(_metric, st.tuples(_percent, _amount), min_size=1, max_size=6))
def test_hpa_is_written_as_it_is_read(targets: dict[str, tuple[int, str]]) -> None:
    assume(not {"mem", "memory"} <= targets.keys())
    shares = {"cpu", "mem", "memory", "gpu"}
    parts = [
        f"{name}:{percent}%" if name in shares else f"{name}:{amount}" for name, (percent, amount) in targets.items()
    ]
    parsed = hpa.parse(",".join(parts))
    assert hpa.parse(hpa.write(parsed)) == parsed
    assert sorted(one.metric for one in parsed) == sorted({"mem": "memory"}.get(name, name) for name in targets)


@given(targets=st.dictionaries(_label, st.integers(1, 50), min_size=1, max_size=2))
def test_split_and_mirror(targets: dict[str, int]) -> None:
    for parse in (shares.parse_split, shares.parse_shares):
        _same(
            parse,
            _pairs(targets, ","),
            _pairs(targets, ";").replace("%", ""),
            _pairs(targets, "\n").split("\n"),
            {name: f"{number}%" for name, number in targets.items()},
        )


@given(count=st.integers(0, 9999), card=_card, vendor=_vendor)
def test_whole_cards(count: int, card: str, vendor: str) -> None:
    _same(gpu.parse, f"{count}", {"count": str(count)})
    _same(gpu.parse, f"{count}({card})", f"{count}.0({card.lower()})", {"count": str(count), "card": card})
    _same(gpu.parse, f"{count}({vendor},{card})", {"count": str(count), "vendor": vendor, "card": card})


@given(percent=st.integers(1, 99), memory=st.integers(1, 80), card=_card)
def test_a_share_of_a_card_is_exact(percent: int, memory: int, card: str) -> None:
    share = f"0.{percent:02}"
    assert gpu.parse(share) == gpu.Gpu(percent=percent)
    mapping = {"percent": str(percent), "memory": f"{memory}G", "card": card}
    _same(gpu.parse, f"{memory}G,{share}({card})", f"{memory}Gi, {share} ({card})", mapping)


def test_shared_cards() -> None:
    _same(gpu.parse, "-1(T4)", "-1.0(t4)", {"shared": "true", "card": "T4"})


@given(numbers=st.lists(_number, min_size=1, max_size=2, unique=True))
def test_ports(numbers: list[int]) -> None:
    _same(ports.parse, ",".join(map(str, numbers)), [str(number) for number in numbers])


@given(port=_number, path=_path)
def test_metrics_and_health(port: int, path: str) -> None:
    mapping = {"port": str(port), "path": path}
    _same(metrics.parse, f"{port}:{path}", mapping)
    _same(health.parse, f"{port}:{path}", mapping)


def test_health_by_command() -> None:
    _same(health.parse, "shell:test -f /tmp/ready", {"command": "test -f /tmp/ready"})


@given(claims=st.dictionaries(_path, _label, min_size=1, max_size=3), read_only=st.booleans())
def test_volumes(claims: dict[str, str], read_only: bool) -> None:
    texts = [f"{claim}(pvc):{mount}" + (":ro" if read_only else "") for mount, claim in claims.items()]
    mappings = [
        {"pvc": claim, "mount": f"{mount}/", "read_only": str(read_only).lower()} for mount, claim in claims.items()
    ]
    _same(volumes.parse, ",".join(texts), ";".join(texts), texts, mappings)


_content = st.text(alphabet=st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=12).filter(
    lambda line: line.strip() and line[0] not in "-\t"
)


_file = st.from_regex(r"\A[A-Za-z0-9_.]{1,8}\Z").filter(lambda name: name.isalnum() and not looks_typed(name))


@given(files=st.dictionaries(_file, _content, min_size=1))
def test_config(files: dict[str, str]) -> None:
    blocks = "".join(f"---{name}\n{line}\n" for name, line in files.items())
    mapping = {name: f"{line}\n" for name, line in files.items()}
    assert config.parse(blocks) == mapping == config.parse(mapping)
    assert config.parse(blocks.replace("\n", "\r\n")) == mapping


@given(variables=st.dictionaries(st.from_regex(r"\A[A-Z_][A-Z0-9_]{0,6}\Z"), _content))
def test_env(variables: dict[str, str]) -> None:
    lines = "\n".join(f"  {name}={value}" for name, value in variables.items())
    assert env.parse(lines) == variables == env.parse(variables)


@pytest.mark.parametrize("parse", [env.parse, config.parse])
def test_full_width_punctuation_of_contents_stays(parse: Callable[[object], Any]) -> None:
    assert parse({"A": "a，b：c"}) == {"A": "a，b：c"}
    assert env.parse("A=a，b：c") == {"A": "a，b：c"}
    assert config.parse("---A\na，b：c") == {"A": "a，b：c\n"}
