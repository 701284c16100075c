# A check: the closure of a bundle is the bundle itself, and no file in it names a store path.
{ system }:
model:
derivation {
  name = "${model.modelName}-${model.version}-self-contained";
  inherit system;
  builder = "${model.toolchain}/bin/python3";
  args = [
    "-B"
    "-m"
    "builder.runtime.packaging.self_contained"
  ];
  PATH = "${model.toolchain}/bin";
  PYTHONPATH = model.runtime;
  bundle = model;
  # Nix writes the closure of the bundle into the file `closure` in the build folder.
  exportReferencesGraph = [
    "closure"
    model
  ];
}
