# The locked package of QEMU's user-mode emulator → the program that shows a step another CPU.
{ system }:
{
  seed,
  source,
}:
derivation {
  name = "qemu-x86_64";
  inherit system source;
  builder = "${seed}/bin/busybox";
  args = [
    "sh"
    "-euc"
    ''
      "$busybox" mkdir bin unpacked
      "$busybox" --install -s bin
      export PATH="$PWD/bin"
      dpkg-deb -x "$source" unpacked
      cp unpacked/usr/bin/qemu-x86_64-static "$out"
    ''
  ];
  busybox = "${seed}/bin/busybox";
}
