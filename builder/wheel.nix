# A locked wheel → the tree that an installer makes of it: lib/python3.11/site-packages, bin, and data folders.
{ system }:
{
  python,
  sysroot,
  uv,
  source,
}:
derivation {
  # A derivation of its own: a lock that changes in one wheel unpacks that wheel alone.
  name = "wheel-${source.entry.name}-${builtins.replaceStrings [ "!" ] [ "_" ] source.entry.version}";
  inherit system;
  builder = "${sysroot}/usr/bin/python${python}";
  args = [
    "-I"
    "-B"
    (builtins.path {
      path = ./assemble/wheel.py;
      name = "wheel.py";
    })
  ];
  # Nix calls a builder by its base name; CPython finds its home by looking that up in PATH.
  PATH = "${sysroot}/usr/bin";
  SAMEBITS_WHEEL = builtins.toJSON {
    inherit python sysroot uv;
    inherit (source.entry)
      file
      name
      version
      sha256
      ;
    path = source;
  };
}
