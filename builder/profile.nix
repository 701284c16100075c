# The determinism profiles: the environment under which equal bits were measured (docs/concepts/determinism.md).
{
  # "portable" or "native".
  name,
  # How many threads a step runs; the declared number, as text.
  threads,
}:
let
  # Equal bits between two builds, whatever the machine.
  common = {
    SAMEBITS_PROFILE = name;
    SAMEBITS_THREADS = threads;
    PYTHONHASHSEED = "0";
    PYTHONDONTWRITEBYTECODE = "1";
    PYTHONNOUSERSITE = "1";
    LC_ALL = "C.UTF-8";
    TZ = "UTC";
    # 1980-01-01, the first moment that a zip file can hold.
    SOURCE_DATE_EPOCH = "315532800";
    OMP_NUM_THREADS = threads;
    MKL_NUM_THREADS = threads;
    OPENBLAS_NUM_THREADS = threads;
    # On a GPU: cuBLAS with a workspace of its own, and products in full precision.
    CUBLAS_WORKSPACE_CONFIG = ":4096:8";
    NVIDIA_TF32_OVERRIDE = "0";
  };
  profiles = {
    # Equal bits on every x86-64 CPU: no instruction set above the baseline, one thread.
    portable = common // {
      ATEN_CPU_CAPABILITY = "default";
      MKL_CBWR = "COMPATIBLE";
      ONEDNN_MAX_CPU_ISA = "SSE41";
      OPENBLAS_CORETYPE = "Nehalem";
      NPY_DISABLE_CPU_FEATURES = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR";
      GLIBC_TUNABLES = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX";
    };
    # Equal bits on one kind of machine, at full speed: its instruction set, the declared threads and no fewer.
    native = common // {
      MKL_CBWR = "AUTO";
      MKL_DYNAMIC = "FALSE";
      OMP_DYNAMIC = "FALSE";
    };
  };
in
if name == "portable" && threads != "1" then
  throw (
    "the profile portable runs one thread, but params.yaml says `threads: ${threads}`; "
    + "declare one, or write profile = \"native\" in model.nix"
  )
else
  profiles.${name} or (throw "there is no profile ${name}; the profiles are ${
    builtins.concatStringsSep " and " (builtins.attrNames profiles)
  }")
