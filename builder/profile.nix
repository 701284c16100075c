# The determinism profiles: the environment under which equal bits were measured (docs/concepts/determinism.md).
let
  # Equal bits between two builds, whatever the machine.
  common = {
    PYTHONHASHSEED = "0";
    PYTHONDONTWRITEBYTECODE = "1";
    PYTHONNOUSERSITE = "1";
    LC_ALL = "C.UTF-8";
    TZ = "UTC";
    # 1980-01-01, the first moment that a zip file can hold.
    SOURCE_DATE_EPOCH = "315532800";
    OMP_NUM_THREADS = "1";
    MKL_NUM_THREADS = "1";
    OPENBLAS_NUM_THREADS = "1";
  };
in
{
  # Equal bits on every x86-64 CPU: no instruction set above the baseline, one thread.
  portable = common // {
    SAMEBITS_PROFILE = "portable";
    ATEN_CPU_CAPABILITY = "default";
    MKL_CBWR = "COMPATIBLE";
    ONEDNN_MAX_CPU_ISA = "SSE41";
    OPENBLAS_CORETYPE = "Nehalem";
    NPY_DISABLE_CPU_FEATURES = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR";
    GLIBC_TUNABLES = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX";
  };
}
