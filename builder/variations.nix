# A model → its steps under a changed environment, whose output must equal that of the step itself.
{
  # The program that emulates CPUs (builder/emulator.nix).
  emulator,
  # CPU models as QEMU knows them.
  cpus,
  # How many training steps the prefix of a training has.
  prefix,
}:
model:
let
  # The newest has no model of its own: `max` is all that the emulator can do.
  on =
    cpu:
    let
      emulated.emulator = [
        emulator
        "-cpu"
        cpu
      ];
      varied = model.varied emulated;
      short = model.varied (emulated // { stop_after = prefix; });
    in
    {
      inherit (varied) prepare train evaluate;
      # The trace of the first steps alone, for a training that takes too long under emulation.
      train-prefix = short.train;
    };
in
builtins.listToAttrs (map (cpu: { name = cpu; value = on cpu; }) cpus)
