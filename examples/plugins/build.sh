#!/usr/bin/env bash
# Builds the example plugins from their sources, or those that are named. What they are
# built from is written beside each, so that a test can tell when one is out of date.
set -euo pipefail
cd "$(dirname "$0")"

tool() { # the first of the commands that is there
  local name
  for name in "$@"; do command -v "$name" && return; done
  echo "missing: $1   Debian: apt-get install clang-19 lld-19 rustc libstd-rust-dev-wasm32 lld-14 npm" >&2
  return 1
}

in_c() {
  "$(tool clang-19 clang)" --target=wasm32 -O3 -msimd128 -nostdlib -Wall -Wextra -Wl,--no-entry -Wl,-z,stack-size=8192 -o "$1/$1.wasm" "$1/$1.c"
}
robot() { in_c robot; }
pitch() { in_c pitch; }
soundboard() { in_c soundboard; }
noisegate() {
  "$(tool /usr/bin/rustc rustc)" --edition 2021 --target wasm32-unknown-unknown --crate-type cdylib -C opt-level=3 -C panic=abort \
    -C linker="$(tool wasm-ld-14 wasm-ld rust-lld)" -C linker-flavor=wasm-ld -C link-arg=-zstack-size=16384 -C link-arg=--strip-debug \
    -o noisegate/noisegate.wasm noisegate/noisegate.rs
}
wordfilter() {
  (cd wordfilter && npm ci --no-audit --no-fund --silent && npx asc wordfilter.ts -O3 --noAssert --runtime incremental --use abort=wordfilter/abort -o wordfilter.wasm)
  go run ../../plugin/guest/pack -manifest wordfilter/manifest.json wordfilter/wordfilter.wasm
}
dice() {
  GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags='-s -w' -o dice/dice.wasm ./dice
  go run ../../plugin/guest/pack -manifest dice/manifest.json dice/dice.wasm
}

for name in "${@:-robot pitch soundboard noisegate wordfilter dice}"; do
  for one in $name; do
    "$one"
    chmod 644 "$one/$one.wasm"
    header=
    [ -e "$one/$one.c" ] && header=../../plugin/guest/voiceapp.h
    (shopt -s nullglob; sha256sum "$one"/*.{c,rs,ts,go} "$one"/{manifest,package}.jso[n] $header) > "$one/SOURCES"
    echo "$one: $(stat -c %s "$one/$one.wasm") bytes"
  done
done
