# The folder that holds `builder.runtime`, without the parts that are not named: work on those retrains nothing.
parts:
let
  root = toString ./.;
  all = [ "packaging" "proofs" ];
  left = builtins.filter (part: !builtins.elem part parts) all;
  inside = below: part: below == "/runtime/${part}" || dirOf below == "/runtime/${part}";
in
builtins.path {
  name = "samebits-runtime";
  path = ./..;
  filter =
    path: _:
    let
      below = builtins.substring (builtins.stringLength root) (-1) path;
    in
    path == root
    || below == "/__init__.py"
    || below == "/runtime"
    || builtins.match "/runtime/.*" below != null
    && builtins.match ".*__pycache__.*" below == null
    && !builtins.any (inside below) left;
}
