# mkModel: prepare → train → evaluate → package, each its own derivation with only the files it reads.
{ mkStep }:
{
  name,
  version,
  # The model's folder.
  src,
  toolchain,
  # Locked files that `prepare` reads, by the name it knows them under.
  data ? { },
  # Those names in `data` that are pretrained models, which this one descends from.
  lineage ? [ ],
  # For each step its script, then the other files that it reads; `train` may also be { files; chunks; }
  # (builder/chunks.nix).
  prepare,
  train,
  evaluate,
  # The script that answers golden inputs from the bundle alone, then the other files that it reads; may be empty.
  predict ? [ ],
  # What the card says that no program can know.
  card,
  # "portable" or "native" (builder/profile.nix).
  profile ? "portable",
  # How many training steps are taken on an emulated processor, where a model with torch is slow.
  emulatedSteps ? 20,
}:
let
  declared = import ./params.nix (one "params.yaml");
  environment = import ./profile.nix {
    name = profile;
    inherit (declared) threads;
  };
  semantic = "[0-9]+\\.[0-9]+\\.[0-9]+([+-][0-9A-Za-z.-]+)?";
  checkedVersion =
    if builtins.match semantic version != null then
      version
    else
      throw "the version of ${name} is ${version}; write it as three numbers, such as 1.0.0";
  checkedName =
    if builtins.match "[a-z0-9][a-z0-9._-]*" name != null then
      name
    else
      throw "a model is called ${name}; use small letters, digits, dots, dashes and underscores";
  file =
    path:
    if builtins.match "(.*/)?\\.\\.?(/.*)?" path != null || builtins.match "/.*" path != null then
      throw "the model ${name} names ${path}; name files below its own folder"
    else if !builtins.pathExists (src + "/${path}") then
      throw (absent path)
    else if isFile path then
      src + "/${path}"
    else
      throw "the model ${name} names ${path}, which is a folder or a link; name the files themselves";
  isFile = path: (builtins.readDir (dirOf (src + "/${path}"))).${baseNameOf path} == "regular";
  absent = path: "the model ${name} names the file ${path}, which is not in its folder (or not known to git)";
  one = path: builtins.path { path = file path; name = baseNameOf path; };

  # A folder with just `files` of the model; a file that a step can read is part of the step's hash.
  codeFor =
    step: files:
    let
      wanted = map (path: toString (file path)) files;
      keep = path: type: type == "directory" && inside path || builtins.elem path wanted;
      inside = folder: builtins.any (path: prefixed (folder + "/") path) wanted;
      prefixed = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
    in
    builtins.path {
      name = "${name}-${step}-code";
      path = src;
      filter = keep;
    };

  runtimeFor = import ./runtime.nix;

  schemaFile = "hyperparameters.schema.json";
  step =
    stepName: files: arguments:
    mkStep (
      {
        version = checkedVersion;
        inherit toolchain;
        profile = environment;
        inherit (declared) device;
        step = stepName;
        model = checkedName;
        runtime = runtimeFor [ ];
        code = codeFor stepName files;
        script = builtins.head files;
        params = one "params.yaml";
        schema = if builtins.pathExists (src + "/${schemaFile}") then one schemaFile else null;
      }
      // arguments
    );

  knownSource =
    input:
    if data ? ${input} then input else throw "the lineage of ${name} names ${input}, which is not in its `data`";

  training = import ./chunks.nix { inherit name train; };
  # Each chunk reads what the one before left; made one after the other, so that many need no deep recursion.
  chunks = builtins.foldl' (
    before: chunk:
    let
      last = builtins.elemAt before (builtins.length before - 1);
      next = step "train" training.files {
        inherit chunk;
        inputs = { inherit (steps) prepare; } // (if before == [ ] then { } else { before = last; });
        extra = onDevice;
      };
    in
    builtins.seq next.outPath (before ++ [ next ])
  ) [ ] training.chunks;
  named = map (chunk: "train-${toString chunk.number}") training.chunks;
  numbered = builtins.genList (index: {
    name = builtins.elemAt named index;
    value = builtins.elemAt chunks index;
  });
  # Gives what the training gives in one piece.
  joined = step "train" training.files {
    module = "builder.runtime.chunking.join";
    inputs = { inherit (steps) prepare; };
    pieces = chunks;
  };

  # The three steps that run a script; a variation reads what the steps themselves gave.
  varied = vary: {
    prepare = step "prepare" prepare {
      sources = data;
      inherit vary;
    };
    # In one piece under any variation, which so shows that the chunks join to the same.
    train =
      if chunks != [ ] && vary == { } then
        joined
      else
        step "train" training.files {
          inputs = { prepare = steps.prepare; };
          inherit (training) total;
          inherit vary;
          extra = onDevice;
        };
    evaluate = step "evaluate" evaluate {
      inputs = { inherit (steps) prepare train; };
      inherit vary;
    };
  };
  steps = varied { };
  # Only a machine whose administrator offers it takes the build (docs/guides/gpu.md).
  onDevice =
    if declared.device == "cuda" then
      {
        requiredSystemFeatures = [ "cuda" ];
        LD_LIBRARY_PATH = "/run/opengl-driver/lib";
      }
    else
      { };
  packaged = step "package" (prepare ++ training.files ++ evaluate ++ [ card ] ++ predict) {
    module = "builder.runtime.packaging";
    runtime = runtimeFor [ "packaging" ];
    script = card;
    inputs = steps // {
      inherit toolchain;
    };
    extra = {
      # The bundle can be copied anywhere: Nix refuses it when it refers to any store path.
      allowedReferences = [ ];
      SAMEBITS_DATA = builtins.toJSON (builtins.mapAttrs (_: source: source.entry) data);
      SAMEBITS_LINEAGE = builtins.toJSON (map knownSource lineage);
      SAMEBITS_ENVIRONMENT = builtins.toJSON environment;
    };
  };
in
packaged
// {
  inherit toolchain data version;
  modelName = name;
  package = packaged;
  runtime = runtimeFor [ "packaging" ];
  inherit varied emulatedSteps chunks;
  proofs = import ./proofs.nix {
    step = proof: arguments: step proof [ ] ({ runtime = runtimeFor [ "proofs" ]; } // arguments);
    package = packaged;
    script = if predict == [ ] then null else builtins.head predict;
  };
}
// builtins.listToAttrs (numbered (builtins.length named))
// steps
