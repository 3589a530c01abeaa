// Package guest is what a plugin that is written in Go imports. It is compiled by Go's
// own compiler, for GOOS=wasip1 and GOARCH=wasm:
//
//	package main
//
//	import "github.com/voiceapp-sdk/voiceapp/plugin/guest"
//
//	func init() {
//		guest.Chat(func(line guest.Line) guest.Answer {
//			if line.Text == "/shrug" {
//				return guest.Replace(`¯\_(ツ)_/¯`)
//			}
//			return guest.Unchanged
//		})
//	}
//
//	func main() {} // a plugin is a library: this is never called
//
// Built and given its manifest (plugin/ABI.md), it is a plugin:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags='-s -w' -o shrug.wasm .
//	go run github.com/voiceapp-sdk/voiceapp/plugin/guest/pack -manifest manifest.json shrug.wasm
//	voiceapp plugin check shrug.wasm
//
// What a plugin does, it says by [Audio], [Chat] and [Settings] in an init function. All
// calls come from one goroutine, one at a time; a goroutine of the plugin's own runs only
// while a call does.
//
// For C there is voiceapp.h in this folder; examples/plugins has plugins in C, Go,
// AssemblyScript and Rust.
//
// On all other systems than wasip1 the functions are there and do nothing, so that
// plugins can be tested as ordinary Go.
package guest
