"""A repository for the page of the fleet: each state of a service, two clusters, owners, links, and hostile texts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Final

from tests.support.clones import git, identity, write
from tests.support.grants import grant_everything

EVIL: Final = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \"'`&amp; 检测模型 \u202egnp"
LONG: Final = f"{'a' * 60}.{'b' * 60}.{'c' * 60}.example.com"
_PLATFORM: Final = grant_everything("""\
servegen: ~=1.0
delivery: {tool: argocd, repository: https://git.example.com/team/models.git}
clusters:
  main:
    domain: example.com
    gateways: {"80": {name: mesh/gate, tls_port: 443}, "8080": mesh/gate-8080}
    gpu: {backend: hami, nodes: gfd, cards: [T4]}
    external: {mode: nodePort, addresses: [10.0.0.7|203.0.113.7]}
    pools: {t4: {nodes: 2~4, cpu: 32, memory: 128Gi, card: T4, cards: 4}}
    links:
      grafana: https://grafana.example.com/d/{dashboard}?var-namespace={namespace}&var-service={service}
      argocd: https://argocd.example.com/applications/argocd/{application}
      runbook: https://wiki.example.com/{model}/{version}
  far:
    domain: far.example.com
    gateways: managed
    delivery: {tool: flux}
environments:
  test: {cluster: main, stage: test}
  prod: {cluster: main, stage: prod, requires: none}
  far: {cluster: far, stage: prod, requires: none}
""")


def _detector(version: int, day: int, more: str = "", stanza: str = "") -> str:
    released = f"released: 2026-11-{day:02}T10:00:00Z"
    return (
        f"model: detector\nversion: v{version}\ntype: triton-server\nhost: {LONG}\n{more}"
        f"environments:\n  prod: {{{released}{stanza}}}\n"
    )


def _model(*versions: str) -> str:
    return "versions:\n" + "".join(
        f"  {name}: {{path: pvc://models/m/{name}.onnx, framework: onnx, metrics: {{map50: 0.8{name[-1]}, f1: 0.9}}}}\n"
        for name in versions
    )


FILES: Final = {
    "services/platform.yaml": _PLATFORM,
    "services/vision/models/detector.yaml": _model("v1", "v2", "v3", "v4", "v5"),
    "services/vision/detector/detector-1.yaml": _detector(
        1,
        5,
        more=f"id: 3\ndescription: {json.dumps(EVIL)}\nports: 8000,8001\nreplicas: 2~4\nhpa: cpu:50%\n"
        f"resources: {{gpu: 0.2(T4)}}\nsplit: detector-2:20%\nmirror: detector-3:10%\n"
        "env: {LEVEL: info, TEXT: '</script>'}\n",
    ).replace("environments:\n", "environments:\n  test: {env: {LEVEL: debug}, split: null, mirror: null}\n"),
    "services/vision/detector/detector-2.yaml": _detector(2, 1),
    "services/vision/detector/detector-3.yaml": _detector(3, 2),
    "services/vision/detector/detector-4.yaml": _detector(4, 8, stanza=", takeover: manual"),
    "services/vision/detector/detector-5.yaml": _detector(
        5, 9, stanza=", rollout: '5%,100% every 1h', rollout_stopped: at 5% too many errors"
    ),
    "services/speech/models/voice.yaml": (
        "description: 语音合成\nversions: {v1: {path: pvc://models/voice/, framework: tf}}\n"
    ),
    "services/speech/voice/voice-1.yaml": (
        "model: voice\nversion: v1\ntype: tfserving\ndescription: 语音合成\nports: 8501,8500\n"
        "volumes: claim(pvc-share):/mnt/share:ro,1G(memory):/dev/shm\nenvironments: {far: {}}\n"
    ),
    "services/speech/voice/voice-2.yaml": "model: voice\nversion: v1\ntype: tfserving\n",
    "CODEOWNERS": "* @platform\n/services/vision/ @vision @ml\n",
}


def site_repository(root: Path) -> Path:
    """Create the repository with two commits: one that adds all, and one of another author that releases a service."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main")
    identity(root)
    before = _detector(2, 1).replace("released: 2026-11-01T10:00:00Z", "")
    write(root, {**FILES, "services/vision/detector/detector-2.yaml": before.replace("  prod: {}\n", "  test: {}\n")})
    _commit(root, "Dev", "2026-11-01T09:00:00Z")
    write(root, FILES)
    _commit(root, "运维 & Ops", "2026-11-01T10:00:00Z")
    return root


def _commit(root: Path, author: str, time: str) -> None:
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _of(author, time)}
    git(root, "add", "--all")
    command = ["git", "commit", "-q", "-m", "change"]
    subprocess.run(command, cwd=root, env={**os.environ, **who}, check=True)


def _of(author: str, time: str) -> tuple[tuple[str, str], ...]:
    return ("NAME", author), ("EMAIL", "dev@example.com"), ("DATE", time)
