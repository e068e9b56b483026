"""A random Llama with two layers in the format of llama.cpp, 0.7 MB."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.servers.install import installed, run

NAME: Final = "tiny.gguf"
# Runs with the packages of the installation.
_MAKE: Final = """\
import sys
import gguf
import numpy

VOCABULARY, WIDTH, INNER, LAYERS, HEADS = 320, 64, 128, 2, 2
SHAPES = {"attn_q": (WIDTH, WIDTH), "attn_k": (WIDTH, WIDTH), "attn_v": (WIDTH, WIDTH), "attn_output": (WIDTH, WIDTH),
          "ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER)}
numbers = numpy.random.default_rng(0)

def weights(*shape):
    return (numbers.standard_normal(shape) * 0.05).astype(numpy.float32)

out = gguf.GGUFWriter(sys.argv[1], "llama")
out.add_context_length(256)
out.add_embedding_length(WIDTH)
out.add_block_count(LAYERS)
out.add_feed_forward_length(INNER)
out.add_head_count(HEADS)
out.add_head_count_kv(HEADS)
out.add_rope_dimension_count(WIDTH // HEADS)
out.add_layer_norm_rms_eps(1e-5)
out.add_vocab_size(VOCABULARY)
special = [b"<unk>", b"<s>", b"</s>"]
bytes_ = [b"<0x%02X>" % number for number in range(256)]
rest = [b"w%d" % number for number in range(VOCABULARY - 259)]
kinds = gguf.TokenType
out.add_tokenizer_model("llama")
out.add_token_list([*special, *bytes_, *rest])
out.add_token_scores([0.0] * VOCABULARY)
out.add_token_types([kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL, *[kinds.BYTE] * 256, *[kinds.NORMAL] * len(rest)])
out.add_bos_token_id(1)
out.add_eos_token_id(2)
out.add_unk_token_id(0)
out.add_tensor("token_embd.weight", weights(VOCABULARY, WIDTH))
out.add_tensor("output.weight", weights(VOCABULARY, WIDTH))
out.add_tensor("output_norm.weight", numpy.ones(WIDTH, numpy.float32))
for layer in range(LAYERS):
    for name in ("attn_norm", "ffn_norm"):
        out.add_tensor(f"blk.{layer}.{name}.weight", numpy.ones(WIDTH, numpy.float32))
    for name, shape in SHAPES.items():
        out.add_tensor(f"blk.{layer}.{name}.weight", weights(*shape))
out.write_header_to_file()
out.write_kv_data_to_file()
out.write_tensors_to_file()
out.close()
"""


def make(folder: Path) -> Path:
    """Write the model into a folder, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    run([str(installed()["llamacpp"] / "venv/bin/python"), "-c", _MAKE, str(folder / NAME)])
    return folder / NAME
