# A model → its steps in other surroundings, whose output must equal the step's own (docs/reference/variations.md).
{
  # QEMU's user-mode emulator, libfaketime, and a folder with the locale tr_TR.utf8.
  emulator,
  faketime,
  locales,
  # The files that these come from, by the name that `builder fetch` knows them under.
  tools,
}:
let
  clock = offset: {
    LD_PRELOAD = faketime;
    FAKETIME = offset;
    # The time of a file is the kernel's own, and fixed in the store.
    NO_FAKE_STAT = "1";
  };
  # Another time, which goes by as it does.
  date = offset: clock offset // { DONT_FAKE_MONOTONIC = "1"; };
  onCpu = name: {
    cause = "depends on the instruction set of the processor";
    lever = "cpu";
    vary.emulator = [
      emulator
      "-cpu"
      name
    ];
  };
  withCores = count: {
    cause = "depends on the number of cores";
    lever = "cores";
    vary.surroundings.cores = count;
  };
  inEnvironment = lever: cause: environment: {
    inherit lever cause;
    vary.surroundings = { inherit environment; };
  };
  known = {
    output-path = {
      cause = "holds the path of its own output";
      lever = "output-path";
      vary.surroundings.nothing = true;
    };
    hash-seed = inEnvironment "hash-seed" "depends on the order of a set, which the hash seed decides" {
      PYTHONHASHSEED = "4711";
    };
    locale = inEnvironment "locale" "depends on the locale" {
      LOCPATH = locales;
      LC_ALL = "tr_TR.utf8";
    };
    time-zone = inEnvironment "time-zone" "depends on the time zone" { TZ = "<+14>-14"; };
    clock-year = inEnvironment "clock" "depends on the clock, by its date" (date "+5y");
    clock-hour = inEnvironment "clock" "depends on the clock, by the time of day" (date "+7h");
    clock-speed = inEnvironment "clock" "depends on the clock, by how much time goes by" (clock "+0 x20");
    directory-order =
      inEnvironment "directory-order" "depends on the order in which a directory is listed"
        { SAMEBITS_DIRECTORY_ORDER = "reversed"; };
    user = {
      cause = "depends on who builds it: the user, the home, or the environment";
      lever = "user";
      vary.surroundings = {
        user = 4711;
        environment = {
          HOME = "/home/somebody-else";
          USER = "somebody-else";
          LOGNAME = "somebody-else";
          EDITOR = "ed";
        };
      };
    };
    build-path = {
      cause = "depends on the path of the folder that it is built in";
      lever = "build-path";
      vary.surroundings.folder = "another/folder";
    };
    address-space = {
      cause = "depends on addresses in memory, such as those of id()";
      lever = "address-space";
      vary.surroundings.address_space = true;
    };
    process-id = {
      cause = "depends on process ids";
      lever = "process-id";
      vary.surroundings.processes_before = 37;
    };
    umask = {
      cause = "depends on the umask";
      lever = "umask";
      vary.surroundings.umask = 63; # 0077
    };
    load = {
      cause = "depends on how busy the machine is";
      lever = "load";
      vary.surroundings.load = 2;
    };
    input-order = {
      cause = "depends on the order of its inputs";
      lever = "input-order";
      vary.surroundings.reversed = true;
    };
    cores-1 = withCores 1;
    cores-2 = withCores 2;
    cores-64 = withCores 64;
    cpu-Nehalem = onCpu "Nehalem";
    cpu-Haswell = onCpu "Haswell";
    # The newest has no model of its own: `max` is all that the emulator can do.
    cpu-max = onCpu "max";
    # Another maker, whose processors libraries treat in other ways.
    cpu-Opteron_G4 = onCpu "Opteron_G4";
  };

  both =
    a: b:
    let
      surroundings = (a.surroundings or { }) // (b.surroundings or { });
      environment = (a.surroundings.environment or { }) // (b.surroundings.environment or { });
    in
    a // b // { surroundings = surroundings // { inherit environment; }; };
in
model:
let
  all = names: builtins.foldl' both { } (map (name: known.${name}.vary) names);
  steps =
    names:
    let
      vary = all names;
      varied = model.varied vary;
    in
    {
      inherit (varied) prepare train evaluate;
      # The trace of the first steps alone, for a training that takes too long under emulation.
      train-prefix = (model.varied (vary // { stop_after = model.emulatedSteps; })).train;
    };
  toolOf = {
    cpu = "qemu";
    clock = "surroundings";
    locale = "surroundings";
  };
  hasTorch = builtins.any (source: source.entry.name == "torch") (model.toolchain.sources or [ ]);
in
{
  # What each is called, what to say where it moves a bit, and which cannot be had at once: those of one lever.
  known = builtins.mapAttrs (_: one: {
    inherit (one) cause lever;
    # An emulated CPU is 20 to 40 times slower than this one.
    costly = hasTorch && one.lever == "cpu";
    # What `builder fetch` has to bring for it.
    tool = toolOf.${one.lever} or null;
  }) known;
  inherit tools;
  # How many training steps stand for a costly training.
  prefix = model.emulatedSteps;
  # The steps under several of them at once.
  of = steps;
  # The training up to the step `last`, with digests of all tensors after each step from `first` on.
  replay =
    names: first: last:
    (model.varied (
      all names
      // {
        stop_after = last;
        dense = [
          first
          last
        ];
      }
    )).train;
}
# And under each alone.
// builtins.mapAttrs (name: _: steps [ name ]) known
