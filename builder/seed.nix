# The first program of every build: Debian's static busybox as the folder bin/busybox, pinned by its NAR's hash.
{ system }:
{ fetchName, seed, deb }:
derivation {
  name = "busybox-seed";
  inherit system;
  # `builder fetch` takes it out of the locked .deb; Nix itself cannot, so this build only says what to do.
  builder = "builtin:fetchurl";
  url = "${deb.entry.url}#missing-from-the-store;run:builder-fetch-${fetchName}";
  outputHashMode = "recursive";
  outputHashAlgo = "sha256";
  outputHash = seed.nar_sha256;
  preferLocalBuild = true;
}
