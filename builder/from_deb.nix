# A locked Debian package → a folder with one file or folder out of it, links followed.
{ system }:
{
  seed,
  source,
  # Below the root of the package.
  path,
}:
derivation {
  name = baseNameOf path;
  inherit system source path;
  builder = "${seed}/bin/busybox";
  args = [
    "sh"
    "-euc"
    ''
      "$busybox" mkdir bin unpacked
      "$busybox" --install -s bin
      export PATH="$PWD/bin"
      dpkg-deb -x "$source" unpacked
      mkdir "$out"
      cp -rL "unpacked/$path" "$out"
    ''
  ];
  busybox = "${seed}/bin/busybox";
}
