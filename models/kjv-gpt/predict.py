"""Answers the golden inputs: the logits of each next character, by the weights in the bundle."""

import network

from builder.runtime import paths, tensors
from builder.runtime.params import params

bundle = paths.step_input("bundle")
model = network.trained(params(), bundle / "weights" / "model.safetensors")
tokens = tensors.load(bundle / "inputs.safetensors")["input.tokens"]
tensors.save(paths.output() / "outputs.safetensors", {"output.logits": network.logits_of(model, tokens)})
