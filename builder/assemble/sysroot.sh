# Unpacks $debs into one tree at $out and makes its CPython run from there. Run by the busybox in $seed.
set -eu
mkdir_p="$seed/bin/busybox mkdir -p"
$mkdir_p "$NIX_BUILD_TOP/bin" "$NIX_BUILD_TOP/debs" "$out"
"$seed/bin/busybox" --install -s "$NIX_BUILD_TOP/bin"
export PATH="$NIX_BUILD_TOP/bin"

# 1. Each package into a folder of its own, side by side.
cd "$NIX_BUILD_TOP/debs"
for deb in $debs; do echo "$deb"; done |
  xargs -n 1 -P 4 sh -c 'folder=${1##*/}; mkdir "$folder" && dpkg-deb -x "$1" "$folder"' sh

# 2. The same path from two packages must hold the same bytes, or link to the same place.
same() {
  if [ -L "$1" ] || [ -L "$2" ]; then
    [ -L "$1" ] && [ -L "$2" ] && [ "$(readlink "$1")" = "$(readlink "$2")" ]
  else
    cmp -s "$1" "$2"
  fi
}
for deb in $debs; do (cd "${deb##*/}" && find . ! -type d); done | sort | uniq -d >"$NIX_BUILD_TOP/shared"
while read -r path; do
  first=
  for deb in $debs; do
    folder=${deb##*/}
    [ -e "$folder/$path" ] || [ -L "$folder/$path" ] || continue
    if [ -n "$first" ] && ! same "$first/$path" "$folder/$path"; then
      echo "error: ${path#.} has different bytes in ${first#*-} and in ${folder#*-}" >&2
      exit 1
    fi
    first=$folder
  done
done <"$NIX_BUILD_TOP/shared"

# 3. One tree, without what no program reads; the licence texts stay.
for deb in $debs; do cp -a "${deb##*/}/." "$out/"; done
cd "$out"
rm -rf usr/share/man usr/share/lintian usr/share/locale usr/share/bug usr/share/info usr/share/pixmaps \
  usr/share/applications usr/share/doc-base usr/share/binfmts usr/share/gcc usr/share/gdb usr/share/menu
find usr/share/doc -type f ! -name copyright -exec rm {} +
find . -name __pycache__ -prune -exec rm -rf {} +

# 4. Links that start at the root of a Debian machine start at the root of this tree.
find . -type l | while read -r link; do
  target=$(readlink "$link")
  case "$target" in
  /*)
    up=$(echo "${link#./}" | sed 's|[^/]*$||; s|[^/]*/|../|g')
    ln -sfn "$up${target#/}" "$link"
    ;;
  esac
done
# Some point into packages that are not here (manuals, alternatives).
find . -type l | while read -r link; do [ -e "$link" ] || rm "$link"; done

# 5. The interpreter finds its loader and its libraries in this tree and nowhere else. It loads at once what wheels
# need of the system: a library with a RUNPATH of its own, as torch's have, does not look into the interpreter's.
lib=$out/lib/x86_64-linux-gnu usrlib=$out/usr/lib/x86_64-linux-gnu
loader=$lib/ld-linux-x86-64.so.2
mkdir "$NIX_BUILD_TOP/patchelf"
dpkg-deb -x "$patchelf" "$NIX_BUILD_TOP/patchelf"
needed=
for name in libstdc++.so.6 libgcc_s.so.1 libpthread.so.0 libdl.so.2 librt.so.1; do
  needed="$needed --add-needed $name"
done
patch() {
  "$loader" --library-path "$lib:$usrlib" "$NIX_BUILD_TOP/patchelf/usr/bin/patchelf" "$@" "$out/usr/bin/python$python"
}
patch $needed
# In a call of its own: patchelf 0.14 mixes up names where one call does both.
patch --set-interpreter "$loader" --force-rpath --set-rpath "$lib:$usrlib"
"$out/usr/bin/python$python" -I -B -c 'import ctypes, hashlib, lzma, sqlite3, ssl, zlib'
