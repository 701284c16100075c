# A lock entry → a fixed-output derivation with the flat sha256 that the file's publisher states.
{ system }:
{
  # What to type after `builder fetch` to get this file; shown when the store lacks it.
  fetchName,
  entry,
}:
let
  # Store names admit less than file names do.
  storeName = builtins.replaceStrings [ "~" "%" ":" "!" ] [ "_" "_" "_" "_" ] entry.file;
in
derivation {
  name = storeName;
  inherit system;
  # Nix's own fetcher looks into the `hashed-mirrors` of the configuration first. Without one it fails on the
  # mirror:// address and prints it: what follows the # is the message.
  builder = "builtin:fetchurl";
  url = "${entry.url}#missing-from-the-store;run:builder-fetch-${fetchName}";
  outputHashMode = "flat";
  outputHashAlgo = "sha256";
  outputHash = entry.sha256;
  preferLocalBuild = true;
}
// {
  inherit entry storeName;
}
