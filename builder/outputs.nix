# A repository's folders of models and locks → the outputs of its flake.
{
  system,
  readLock,
  mkSource,
  mkToolchain,
  mkModel,
  mkStep,
  standardLocks,
}:
{
  # A folder with one folder per model.
  models,
  # A folder with *.lock.json of further toolchains; the standard ones are always there.
  locks ? null,
}:
let
  entries = folder: builtins.readDir folder;
  suffix = ".lock.json";
  isLock = file: builtins.match ".*\\.lock\\.json" file != null;
  locksIn =
    folder:
    let
      files = builtins.filter isLock (builtins.attrNames (entries folder));
      nameOf = file: builtins.substring 0 (builtins.stringLength file - builtins.stringLength suffix) file;
    in
    builtins.listToAttrs (
      map (file: {
        name = nameOf file;
        value = readLock (folder + "/${file}");
      }) files
    );
  standard = locksIn standardLocks;
  allLocks = standard // (if locks == null || !builtins.pathExists locks then { } else locksIn locks);
  named = wanted: names: builtins.listToAttrs (map (name: { inherit name; value = wanted name; }) names);
  isToolchain = name: (allLocks.${name}.request.kind or "toolchain") == "toolchain";
  toolchains = named (name: mkToolchain allLocks.${name}) (
    builtins.filter isToolchain (builtins.attrNames allLocks)
  );

  # What changes a step's surroundings; it is unpacked by the seed of a toolchain.
  tools = { inherit (standard) qemu surroundings; };
  toolSources = builtins.mapAttrs (_: sourcesOf) tools;
  fromDeb =
    source: path:
    import ./from_deb.nix { inherit system; } {
      inherit (toolchains.numpy) seed;
      inherit source path;
    }
    + "/${baseNameOf path}";
  variations = import ./variations.nix {
    emulator = fromDeb toolSources.qemu.qemu-user-static "usr/bin/qemu-x86_64-static";
    faketime =
      fromDeb toolSources.surroundings.libfaketime "usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    locales = dirOf (fromDeb toolSources.surroundings.locales-all "usr/lib/locale/tr_TR.utf8");
    tools = builtins.mapAttrs (_: sources: map toString (builtins.attrValues sources)) toolSources;
  };
  # The files of a lock, by package name.
  sourcesOf =
    lock:
    builtins.listToAttrs (
      map (entry: {
        inherit (entry) name;
        value = mkSource { fetchName = lock.name; inherit entry; } // { inherit lock; };
      }) lock.sources
    );

  # The locked data of one model.
  dataOf =
    folder:
    let
      lock = readLock (folder + "/data.lock.json");
    in
    if builtins.pathExists (folder + "/data.lock.json") then sourcesOf lock else { };

  isModel = name: builtins.pathExists (models + "/${name}/model.nix");
  modelNames = builtins.filter isModel (builtins.attrNames (entries models));
  load =
    name:
    let
      model = import (models + "/${name}/model.nix") {
        inherit toolchains;
        # The same model on another toolchain: nix build .#MODEL.on.TOOLCHAIN
        mkModel =
          arguments:
          mkModel arguments
          // {
            on = builtins.mapAttrs (_: toolchain: mkModel (arguments // { inherit toolchain; })) toolchains;
          };
        sources = dataOf (models + "/${name}");
      };
    in
    if (model.modelName or null) == name then
      # Where it was found, whatever model.nix says: contract and releases are read there.
      model // { folder = builtins.unsafeDiscardStringContext (toString (models + "/${name}")); }
    else
      throw "models/${name}/model.nix must make a model with mkModel and call it ${name}";
  built = named load modelNames;

  shared = builtins.intersectAttrs toolchains built;

  # What `builder fetch` needs to know about a file.
  wanted = python: seed: source: {
    inherit (source.entry) name version kind url size sha256;
    inherit python;
    store_name = source.storeName;
    store_path = builtins.unsafeDiscardStringContext source.outPath;
    seed_path =
      if source.entry.role == "seed" then builtins.unsafeDiscardStringContext seed.outPath else null;
  };
  ofToolchain = t: map (wanted t.lock.request.python t.seed) t.sources;
  ofData = source: wanted source.lock.request.python null source;
  # With what `verifier check` needs for its quick variations, so that it runs offline after one fetch.
  ofModel =
    m:
    ofToolchain m.toolchain
    ++ map ofData (builtins.attrValues m.data ++ builtins.attrValues toolSources.surroundings);
in
{
  packages.${system} = built;
  checks.${system} = built // builtins.listToAttrs (
    map (name: {
      name = "${name}-self-contained";
      value = import ./self_contained.nix { inherit system; } built.${name};
    }) modelNames
  );
  legacyPackages.${system} = {
    inherit toolchains;
    variations = builtins.mapAttrs (_: variations) built;
    # What tries a finished bundle, and with which programs: those are the rules' own, whatever a model says.
    proofs = {
      models = builtins.mapAttrs (_: model: model.proofs or { }) built;
      runtime = "${import ./runtime.nix [ "proofs" ]}";
    };
    sources =
      if shared == { } then
        builtins.mapAttrs (_: sources: map ofData (builtins.attrValues sources)) toolSources
        // builtins.mapAttrs (_: ofToolchain) toolchains
        // builtins.mapAttrs (_: ofModel) built
      else
        throw "a toolchain and a model are both called ${builtins.head (builtins.attrNames shared)}";
  };
}
