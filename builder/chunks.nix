# What `train` says in model.nix → its files, its number of steps where that is said, and its chunks in order.
{ name, train }:
let
  cut = builtins.isAttrs train;
  asked = if cut then train.chunks or null else null;
  whole = value: builtins.isInt value && value > 0;
  forms = "write `chunks = 8;`, or `chunks = { steps = 500; total = 4000; }`";
  most = 9999;
  numbered = count: builtins.genList (index: index + 1) count;
  some =
    count:
    if count > most then
      throw "the training of ${name} is cut into ${toString count} chunks; at most are ${toString most}"
    else
      numbered count;
  shares = map (number: { inherit number; of = asked; }) (some asked);
  # A chunk knows where it begins and ends, and not the total: a longer training leaves it as it is.
  inherit (asked) steps total;
  lengths = map (number: {
    inherit number;
    from = (number - 1) * steps + 1;
    to = if number * steps < total then number * steps else total;
    last = number * steps >= total;
  }) (some ((total + steps - 1) / steps));
  keys = set: builtins.attrNames set;
  byLength =
    builtins.isAttrs asked && keys asked == [ "steps" "total" ] && whole asked.steps && whole asked.total;
  known = cut && builtins.all (key: builtins.elem key [ "chunks" "files" ]) (keys train) && train ? files;
in
if !cut then
  { files = train; total = null; chunks = [ ]; }
else if !known then
  throw "`train` of ${name} must be a list of files, or { files = [ … ]; chunks = …; }"
else if asked == null then
  { inherit (train) files; total = null; chunks = [ ]; }
else if whole asked then
  { inherit (train) files; total = null; chunks = shares; }
else if byLength then
  { inherit (train) files; inherit total; chunks = lengths; }
else
  throw "the chunks of ${name} cannot be read; ${forms}"
