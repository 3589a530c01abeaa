// Package plugin runs plugins: WebAssembly that changes what its user says, and
// reads and changes chat. ABI.md is what a plugin is; package guest helps to write
// one in Go.
//
// [ReadFile] reads a plugin's file and its [Manifest]: name, hooks, permissions,
// settings. Nothing is compiled for that, and nothing of it is run.
package plugin
