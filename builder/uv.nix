# The locked wheel of uv → uv itself, which unpacks all other wheels; it runs on the sysroot's loader.
{ system }:
{
  seed,
  source,
}:
derivation {
  name = "uv-${source.entry.version}";
  inherit system source;
  builder = "${seed}/bin/busybox";
  args = [
    "sh"
    "-euc"
    ''
      "$busybox" unzip -p "$source" '*.data/scripts/uv' >"$out"
      "$busybox" chmod 755 "$out"
    ''
  ];
  busybox = "${seed}/bin/busybox";
}
