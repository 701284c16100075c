# A model's params.yaml → what of it the rules need before any step runs: its device and its number of threads.
path:
let
  lines = builtins.filter builtins.isString (builtins.split "\n" (builtins.readFile path));
  # Nix reads no YAML: of these keys it takes `key: word` on a line of its own. The step reads the file as YAML and
  # fails where it finds another value (builder/runtime/params.py).
  valueIn = key: builtins.match "${key}:[ \t]+[\"']?([A-Za-z0-9]+)[\"']?[ \t]*(#.*)?\r?";
  read =
    key: default:
    let
      found = builtins.filter (match: match != null) (map (valueIn key) lines);
    in
    if found == [ ] then default else builtins.head (builtins.head found);
in
{
  device = read "device" "cpu";
  threads = read "threads" "1";
}
