# A lock → a toolchain: bin/python3, one merged site-packages, and sources.json with every file's hash and licence.
{
  system,
  mkSource,
  mkSysroot,
}:
lock:
let
  fetchName = lock.name;
  sources = map (entry: mkSource { inherit fetchName entry; }) lock.sources;
  select = kind: role: builtins.filter (s: s.entry.kind == kind && s.entry.role == role) sources;
  only =
    name:
    let
      found = builtins.filter (s: s.entry.name == name) sources;
    in
    if found == [ ] then
      throw "${lock.name}.lock.json lacks ${name}; name it in ${lock.name}.yaml, then: builder lock ${lock.name}"
    else
      builtins.head found;
  python = lock.request.python;
  seed = import ./seed.nix { inherit system; } {
    inherit fetchName;
    inherit (lock) seed;
  };
  sysroot = mkSysroot {
    inherit python seed;
    patchelf = only "patchelf";
    debs = select "deb" "runtime";
  };
  uv = import ./uv.nix { inherit system; } {
    inherit seed;
    source = only "uv";
  };
  unpacked =
    source: import ./wheel.nix { inherit system; } { inherit python sysroot uv source; };
  # What builder/runtime imports; a step without them could not even say what is wrong.
  neededByRuntime = map only [
    "jsonschema"
    "numpy"
    "pyyaml"
    "safetensors"
    "threadpoolctl"
  ];
  scripts = [ "merge.py" "closure.py" ];
  assemble = builtins.path {
    name = "assemble";
    path = ./assemble;
    filter = path: _: builtins.elem (baseNameOf path) scripts;
  };
in
derivation {
  name = "toolchain-${lock.name}";
  inherit system;
  builder = "${sysroot}/usr/bin/python${python}";
  args = [
    "-s"
    "-B"
    "${assemble}/merge.py"
  ];
  # Nix calls a builder by its base name; CPython finds its home by looking that up in PATH.
  PATH = "${sysroot}/usr/bin";
  # Imported as they are, from their wheels.
  PYTHONPATH = "${only "pyelftools"}:${only "packaging"}";
  SAMEBITS_TOOLCHAIN = builtins.toJSON {
    inherit python sysroot;
    absent = lock.request.absent or { };
    trees = builtins.seq (builtins.deepSeq (map (s: s.name) neededByRuntime) null) (
      map (source: { inherit (source.entry) file; path = unpacked source; }) (select "wheel" "runtime")
    );
    record = {
      inherit (lock) name digest sources;
      schema = "samebits/toolchain/v1";
      inherit python;
    };
  };
}
// {
  inherit lock sources seed sysroot;
}
