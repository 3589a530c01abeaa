// Command pack puts a manifest into a WebAssembly module, for compilers that can't
// write custom sections, and checks that the two go together.
//
//	go run github.com/voiceapp-sdk/voiceapp/plugin/guest/pack -manifest manifest.json -o plugin.wasm module.wasm
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/voiceapp-sdk/voiceapp/plugin"
)

func main() {
	manifest := flag.String("manifest", "manifest.json", "the manifest, as plugin/ABI.md says")
	out := flag.String("o", "", "the file to write; without it, the module itself is changed")
	flag.Parse()
	if err := pack(flag.Args(), *manifest, *out); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(args []string, manifest, out string) error {
	if len(args) != 1 {
		return errors.New("name the module")
	}
	module, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	text, err := os.ReadFile(manifest)
	if err != nil {
		return err
	}
	packed, err := plugin.Pack(module, text)
	if err != nil {
		return err
	}
	if out == "" {
		out = args[0]
	}
	return os.WriteFile(out, packed, 0o644)
}
