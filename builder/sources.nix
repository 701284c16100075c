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
  # `builder fetch` puts the file into the store under the path of this derivation, so that it is never built.
  # Where it lacks, Nix prints the name of the program that it cannot find, which is the message. (Nix's own
  # builtin:fetchurl is no way: in Nix 2.8 it runs outside the sandbox, and with --store DIR it destroys the
  # file of the same name in the machine's store. See docs/adr/0002.)
  builder = "/${entry.file} is not in the store; run: builder fetch ${fetchName}";
  outputHashMode = "flat";
  outputHashAlgo = "sha256";
  outputHash = entry.sha256;
  preferLocalBuild = true;
}
// {
  inherit entry storeName;
}
