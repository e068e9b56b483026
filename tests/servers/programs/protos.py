"""Parses a config file of TensorFlow Serving or Triton with the message of its server: protos.py KIND < FILE.

Writes the message as JSON. The packages hold the messages of models.config and config.pbtxt; those of batching.config
and monitoring.config are declared here, with the numbers and types of their fields.
"""

import sys
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, text_format, wrappers_pb2

INTEGER = wrappers_pb2.Int64Value.DESCRIPTOR.full_name
NAME = wrappers_pb2.StringValue.DESCRIPTOR.full_name
# tensorflow_serving/config/monitoring_config.proto and tensorflow_serving/servables/tensorflow/
# session_bundle_config.proto: field, number, type; a type that is a name is a message.
FIELDS: dict[str, list[tuple[str, int, Any]]] = {
    "PrometheusConfig": [("enable", 1, 8), ("path", 2, 9)],
    "MonitoringConfig": [("prometheus_config", 1, "tensorflow.serving.PrometheusConfig")],
    "BatchingParameters": [
        ("max_batch_size", 1, INTEGER),
        ("batch_timeout_micros", 2, INTEGER),
        ("max_enqueued_batches", 3, INTEGER),
        ("num_batch_threads", 4, INTEGER),
        ("thread_pool_name", 5, NAME),
    ],
}
KINDS = {"monitoring.config": "MonitoringConfig", "batching.config": "BatchingParameters"}


def declared(name: str) -> Any:
    """Return a message of FIELDS."""
    file = descriptor_pb2.FileDescriptorProto(
        name="declared.proto",
        package="tensorflow.serving",
        syntax="proto3",
        dependency=["google/protobuf/wrappers.proto"],
    )
    for message, fields in FIELDS.items():
        made = file.message_type.add(name=message)
        for field, number, kind in fields:
            added = made.field.add(name=field, number=number, label=1, type=kind if isinstance(kind, int) else 11)
            if not isinstance(kind, int):
                added.type_name = f".{kind}"
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tensorflow.serving.{name}"))()


def triton() -> Any:
    """Return the message of config.pbtxt; its module is loaded alone, because its package needs grpc."""
    package = PathFinder.find_spec("tritonclient")
    assert package is not None
    assert package.submodule_search_locations is not None
    file = Path(package.submodule_search_locations[0]) / "grpc/model_config_pb2.py"
    module = ModuleType("model_config_pb2")
    SourceFileLoader(module.__name__, str(file)).exec_module(module)
    return module.ModelConfig()


def message(kind: str) -> Any:
    """Return an empty message for a kind of file."""
    if kind == "config.pbtxt":
        return triton()
    if kind == "models.config":
        from tensorflow_serving.config import model_server_config_pb2

        return model_server_config_pb2.ModelServerConfig()
    return declared(KINDS[kind])


parsed = text_format.Parse(sys.stdin.read(), message(sys.argv[1]))
sys.stdout.write(json_format.MessageToJson(parsed, preserving_proto_field_name=True))
