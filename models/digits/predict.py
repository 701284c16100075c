"""Answers the golden inputs: the class scores of images, by the weights in the bundle."""

import network

from builder.runtime import paths, tensors

bundle = paths.step_input("bundle")
weights = tensors.load(bundle / "weights" / "model.safetensors")
images = tensors.load(bundle / "inputs.safetensors")["input.images"]
scores = network.forward(weights, images)[1]
tensors.save(paths.output() / "outputs.safetensors", {"output.scores": scores})
