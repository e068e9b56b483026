"""Requests that clients copy, by the API of a server; the page fills in `{base}`, `{where}`, `{path}` and `{word}`.

`base` is the address without a slash at its end, `where` a host with a port, `path` the name of the model as part of an
address, and `word` the same name as JSON. Sources: the Open Inference Protocol (kserve/open-inference-protocol); the
documentation of TensorFlow Serving (RESTful API), TorchServe (Inference API) and OpenAI (API reference).
"""

from __future__ import annotations

from typing import Final

HTTP: Final = "http"
GRPC: Final = "grpc"
# Title, the protocol that it needs, and the text.
Example = tuple[str, str, str]

_CALL: Final = """\


def call(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request("{base}" + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


"""
_PLAIN: Final = "import json\nimport urllib.request\n" + _CALL
_INFERENCE: Final = (
    f"import json\nimport math\nimport urllib.request\n{_CALL}"
    + """\
VALUES = {"BYTES": "", "BOOL": False}
model = call("/v2/models/{path}")
inputs = []
for tensor in model["inputs"]:
    shape = [max(size, 1) for size in tensor["shape"]]
    data = [VALUES.get(tensor["datatype"], 0)] * math.prod(shape)
    inputs.append({"name": tensor["name"], "datatype": tensor["datatype"], "shape": shape, "data": data})
print(call("/v2/models/{path}/infer", {"inputs": inputs}))
"""
)
_TRITON: Final = """\
# pip install "tritonclient[grpc]"
import tritonclient.grpc

client = tritonclient.grpc.InferenceServerClient("{where}")
print(client.is_model_ready({word}))
print(client.get_model_metadata({word}))
"""
_TENSORFLOW: Final = """\
# pip install tensorflow-serving-api
import grpc
from tensorflow_serving.apis import get_model_metadata_pb2, prediction_service_pb2_grpc

request = get_model_metadata_pb2.GetModelMetadataRequest()
request.model_spec.name = {word}
request.metadata_field.append("signature_def")
with grpc.insecure_channel("{where}") as channel:
    print(prediction_service_pb2_grpc.PredictionServiceStub(channel).GetModelMetadata(request))
"""
_CHAT: Final = '{"model": {word}, "messages": [{"role": "user", "content": "Hello"}]}'
_EMBED: Final = '{"model": {word}, "input": ["Hello"]}'
_POST: Final = "curl -H 'Content-Type: application/json' '{base}%s' -d '%s'\n"

EXAMPLES: Final[dict[str, list[Example]]] = {
    "open-inference": [
        ("curl", HTTP, "curl '{base}/v2/models/{path}/ready' -i\ncurl '{base}/v2/models/{path}'\n"),
        ("Python", HTTP, _INFERENCE),
        ("Python, gRPC", GRPC, _TRITON),
    ],
    "tensorflow": [
        ("curl", HTTP, "curl '{base}/v1/models/{path}'\ncurl '{base}/v1/models/{path}/metadata'\n"),
        ("Python", HTTP, f'{_PLAIN}print(call("/v1/models/{{path}}:predict", {{"instances": [[0.0]]}}))\n'),
        ("Python, gRPC", GRPC, _TENSORFLOW),
    ],
    "torchserve": [
        ("curl", HTTP, "curl '{base}/ping'\ncurl '{base}/predictions/{path}' -T input.json\n"),
        ("Python", HTTP, f'{_PLAIN}print(call("/predictions/{{path}}", {{"data": [0.0]}}))\n'),
    ],
    "openai": [
        ("curl", HTTP, "curl '{base}/v1/models'\n" + _POST % ("/v1/chat/completions", _CHAT)),
        ("Python", HTTP, f'{_PLAIN}print(call("/v1/chat/completions", {_CHAT}))\n'),
    ],
    "openai-embeddings": [
        ("curl", HTTP, "curl '{base}/v1/models'\n" + _POST % ("/v1/embeddings", _EMBED)),
        ("Python", HTTP, f'{_PLAIN}print(call("/v1/embeddings", {_EMBED}))\n'),
    ],
    "": [
        ("curl", HTTP, "curl '{base}/' -i\n"),
        ("Python", HTTP, 'import urllib.request\n\nprint(urllib.request.urlopen("{base}/").status)\n'),
    ],
}
