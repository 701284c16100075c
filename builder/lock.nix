# The path of a *.lock.json → the lock, after its digest was checked.
path:
let
  name = baseNameOf (toString path);
  relock = "Restore it from git, or resolve it from nothing with `builder lock --upgrade`.";
  lock =
    builtins.addErrorContext "while reading the lock ${toString path}. ${relock}"
      (builtins.fromJSON (builtins.readFile path));
  body = removeAttrs lock [ "digest" ];
  # builtins.toJSON writes sorted keys and no spaces: the canonical form of builder/runtime/canonical.py.
  digest = builtins.hashString "sha256" (builtins.toJSON body);
in
if (lock.schema or null) != "samebits/lock/v1" then
  throw "${name} is not a lock of the form samebits/lock/v1. ${relock}"
else if (lock.digest or null) != digest then
  throw "${name} was edited by hand: its digest does not fit. ${relock}"
else
  lock
