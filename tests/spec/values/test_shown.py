"""Values of the registry as they are shown to users."""

from __future__ import annotations

import pytest

from generator.spec.values import byte_size, evaluation, health
from generator.spec.values.metrics import format_scrape, parse


@pytest.mark.parametrize(
    ("metrics", "text"),
    [
        ({"top1": "0.761", "top5": "0.93"}, "top1=0.761,top5=0.93"),
        ([{"data": "clean", "top1": "0.76"}, {"data": "noisy"}], "data=clean,top1=0.76; data=noisy"),
        ("accuracy:0.8", "accuracy:0.8"),
        ("good,\n  it seems\n", "good, it seems"),
        ({}, ""),
        (None, ""),
    ],
)
def test_metrics_on_one_line(metrics: evaluation.Evaluation | None, text: str) -> None:
    assert evaluation.format_evaluation(metrics) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (98_304_000, "98.3M"),
        (999_999_999, "1G"),
        (1_610_612_736, "1.61G"),
        (5_000_000_000_000, "5T"),
    ],
)
def test_bytes_for_people(size: int, text: str) -> None:
    assert byte_size.format_size(size) == text


@pytest.mark.parametrize(
    "written",
    [
        {"port": 8000, "path": "/ready"},
        {"port": 8000, "path": "/ready", "live": "/live", "scheme": "https", "startup": "1800s"},
        {"grpc": 9000, "service": "inference.Predictor", "period": "5s", "timeout": "2s"},
        {"command": ["test", "-e", "/tmp/ready"]},
    ],
)
def test_a_health_check_as_a_spec_writes_it(written: dict[str, object]) -> None:
    scalars = {key: value if isinstance(value, list) else str(value) for key, value in written.items()}
    assert health.to_dict(health.parse(scalars)) == written


def test_a_port_with_metrics_as_a_spec_writes_it() -> None:
    assert format_scrape(parse({"port": "8002", "path": "/metrics"})) == "8002:/metrics"
