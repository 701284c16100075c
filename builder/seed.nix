# The first program of every build: Debian's static busybox as bin/busybox, pinned by the hash of its NAR.
{ system }:
{
  fetchName,
  seed,
}:
derivation {
  name = "busybox-seed";
  inherit system;
  # `builder fetch` takes it out of the locked .deb; see builder/sources.nix for the name of this program.
  builder = "/the seed is not in the store; run: builder fetch ${fetchName}";
  outputHashMode = "recursive";
  outputHashAlgo = "sha256";
  outputHash = seed.nar_sha256;
  preferLocalBuild = true;
}
