# One step: a sandboxed, offline derivation in a fixed environment; it runs one script and sees what is named.
{ system }:
{
  # Of the step: "train"; of the model and its version.
  step,
  model,
  version,
  toolchain,
  # The environment that builder/profile.nix gives, and the device that params.yaml declares.
  profile,
  device,
  # The folder that holds `builder.runtime`.
  runtime,
  # The folder of the step's own files, and the script among them.
  code,
  script,
  params,
  # JSON Schema of the hyperparameters, or null.
  schema ? null,
  # Outputs of earlier steps and locked files, by name.
  inputs ? { },
  sources ? { },
  # Of a training: which chunk of it this is, and how many steps it has in all (builder/chunks.nix); or null.
  chunk ? null,
  total ? null,
  # The outputs of all chunks in order, where this joins them.
  pieces ? [ ],
  # The Python module that runs the step.
  module ? "builder.runtime.launch",
  # What is different from the step itself: for a variation `emulator`, the words before the interpreter's, and
  # `surroundings` (builder/runtime/varied.py); for a prefix `stop_after`, a number of training steps; for a
  # replay `dense`, the first and the last step after which all tensors are noted.
  vary ? { },
  # More attributes of the derivation, as Nix knows them.
  extra ? { },
}:
let
  # Only what is said: a training in one piece knows nothing of chunks.
  cut =
    (if chunk == null then { } else { inherit chunk; })
    // (if total == null then { } else { inherit total; })
    // (if pieces == [ ] then { } else { inherit pieces; });
  number = if chunk == null then "" else "-${toString chunk.number}";
in
derivation (
  profile
  // {
    # The last step makes the bundle, which carries the name of the model alone.
    name = if step == "package" then "${model}-${version}" else "${model}-${version}-${step}${number}";
    inherit system;
    builder = "${toolchain}/bin/python3";
    args = [
      "-B"
      "-m"
      module
    ];
    # Nix calls a builder by its base name; CPython finds its home by looking that up in PATH.
    PATH = "${toolchain}/bin";
    PYTHONPATH = "${runtime}:${runtime}/builder/runtime/startup";
    SAMEBITS_STEP = builtins.toJSON ({
      inherit
        step
        model
        version
        code
        script
        params
        device
        schema
        inputs
        sources
        ;
    } // cut // vary);
  }
  // extra
)
