"""Answers the golden inputs: the scores of each group for verses, by the weights in the bundle."""

import network

from builder.runtime import paths, tensors
from builder.runtime.params import params

bundle = paths.step_input("bundle")
model = network.trained(params(), bundle / "weights" / "model.safetensors")
inputs = tensors.load(bundle / "inputs.safetensors")
scores = network.scores_of(model, inputs["input.tokens"], inputs["input.mask"])
tensors.save(paths.output() / "outputs.safetensors", {"output.scores": scores})
