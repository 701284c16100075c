# The map: lock → toolchains → rules → the outputs of a flake.
let
  system = "x86_64-linux";
  readLock = import ./lock.nix;
  mkSource = import ./sources.nix { inherit system; };
  mkSysroot = import ./sysroot.nix { inherit system; };
  mkToolchain = import ./toolchain.nix { inherit system mkSource mkSysroot; };
  mkStep = import ./step.nix { inherit system; };
  mkModel = import ./model.nix { inherit mkStep; };
  standardLocks = ./locks;
in
{
  inherit readLock mkSource mkToolchain mkModel;
  outputs = import ./outputs.nix {
    inherit system readLock mkSource mkToolchain mkModel mkStep standardLocks;
  };
}
