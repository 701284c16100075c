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
  # What builder/runtime imports; a step without them could not even say what is wrong.
  neededByRuntime = map only [
    "jsonschema"
    "numpy"
    "pyyaml"
    "safetensors"
  ];
  wheel = source: {
    inherit (source.entry) file name version sha256;
    path = source;
  };
in
derivation {
  name = "toolchain-${lock.name}";
  inherit system;
  builder = "${sysroot}/usr/bin/python${python}";
  args = [
    "-I"
    "-B"
    (builtins.path {
      path = ./assemble/site_packages.py;
      name = "site_packages.py";
    })
  ];
  # Nix calls a builder by its base name; CPython finds its home by looking that up in PATH.
  PATH = "${sysroot}/usr/bin";
  SAMEBITS_TOOLCHAIN = builtins.toJSON {
    inherit python sysroot;
    uv = only "uv";
    wheels = builtins.seq (builtins.deepSeq (map (s: s.name) neededByRuntime) null) (
      map wheel (select "wheel" "runtime")
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
