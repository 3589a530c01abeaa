#!/bin/sh
# Builds each .wat here into a .wasm: ./build.sh. wat2wasm is that of wabt.
#
# A file that is no (module ...) gets common.wat put behind it. The manifest, whose
# hooks are in a file's first line, becomes a custom section at the end; it and its
# section have to stay below 128 bytes, so that their lengths are one byte each.
set -eu
cd "$(dirname "$0")"
for source in *.wat; do
	name=${source%.wat}
	[ "$name" = common ] && continue
	if grep -q '^(module' "$source"; then
		cat "$source"
	else
		{ echo '(module'; cat "$source" common.wat; echo ')'; }
	fi >"$name.tmp"
	wat2wasm -o "$name.wasm" "$name.tmp"
	rm "$name.tmp"
	hooks=$(sed -n '1s/^;; hooks: //p' "$source")
	manifest='{"abi":1,"name":"'$name'","version":"1","author":"voiceapp","hooks":['$hooks']}'
	printf "\\000\\$(printf %o $((18 + ${#manifest})))\\021voiceapp.manifest%s" "$manifest" >>"$name.wasm"
done
