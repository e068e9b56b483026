"""A random Llama with two layers in the form of the Hugging Face hub, 0.5 MB, and a LoRA adapter for it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.servers.install import installed, run

LENGTH: Final = 8192
"""The longest context, in tokens."""
WEIGHTS: Final = "model.safetensors"
# Runs with the packages of the installation. The library writes the weights for their owner only.
_MAKE: Final = """\
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

folder, adapter, length = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
torch.manual_seed(0)
bytes_ = pre_tokenizers.ByteLevel
tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
tokenizer.pre_tokenizer = bytes_(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
special = ["<unk>", "<s>", "</s>"]
trainer = trainers.BpeTrainer(vocab_size=512, special_tokens=special, initial_alphabet=bytes_.alphabet())
tokenizer.train_from_iterator(["one two three four five six seven eight nine ten"] * 20, trainer)
config = LlamaConfig(
    vocab_size=512, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=2, head_dim=32, max_position_embeddings=length, bos_token_id=1, eos_token_id=2,
    tie_word_embeddings=False,
)
LlamaForCausalLM(config).save_pretrained(folder, safe_serialization=True)
names = dict(unk_token="<unk>", bos_token="<s>", eos_token="</s>")
PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)

adapter.mkdir(parents=True)
weights = {}
for layer in range(2):
    for projection in ("q_proj", "v_proj"):
        start = f"base_model.model.model.layers.{layer}.self_attn.{projection}.lora_"
        weights[start + "A.weight"] = torch.randn(8, 64)
        weights[start + "B.weight"] = torch.randn(64, 8)
save_file(weights, adapter / "adapter_model.safetensors")
(adapter / "adapter_config.json").write_text(json.dumps({
    "peft_type": "LORA", "r": 8, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], "bias": "none",
    "base_model_name_or_path": "tiny", "task_type": "CAUSAL_LM",
}))
for path in (*folder.iterdir(), *adapter.iterdir()):
    path.chmod(0o644)
"""


def make(folder: Path, adapter: Path) -> Path:
    """Write the model into a folder and the adapter into another, and return the model's weights."""
    folder.mkdir(parents=True, exist_ok=True)
    run([str(installed()["vllm"] / "venv/bin/python"), "-P", "-c", _MAKE, str(folder), str(adapter), str(LENGTH)])
    return folder / WEIGHTS
