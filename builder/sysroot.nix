# .debs → one tree with a patched CPython that runs on its own in the sandbox.
{ system }:
{
  python,
  seed,
  patchelf,
  debs,
}:
derivation {
  name = "python-${python}-sysroot";
  inherit
    system
    python
    seed
    patchelf
    debs
    ;
  builder = "${seed}/bin/busybox";
  args = [
    "sh"
    (builtins.path {
      path = ./assemble/sysroot.sh;
      name = "sysroot.sh";
    })
  ];
}
