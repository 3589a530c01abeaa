package plugin

import (
	"encoding/binary"
	"slices"
)

// wasm builds a module, section by section, right or wrong.
type wasm struct {
	manifest  string // "": none
	types     []signature
	imports   []importOfFunction
	functions []int // types of those that follow the imports
	tables    []int // smallest sizes
	memories  []limit
	globals   int
	exports   []exportOf
	more      []byte // raw sections at the end
}

type (
	importOfFunction struct {
		module, name string
		typ          int
	}
	exportOf struct {
		name  string
		kind  byte
		index int
	}
	limit struct{ least, most int } // most 0: none
)

func leb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func vec[T any](items []T, item func(T) []byte) []byte {
	b := leb(len(items))
	for _, i := range items {
		b = append(b, item(i)...)
	}
	return b
}

func text(s string) []byte { return append(leb(len(s)), s...) }

func section(id byte, body []byte) []byte {
	return slices.Concat([]byte{id}, leb(len(body)), body)
}

func limits(l limit) []byte {
	if l.most == 0 {
		return append([]byte{0}, leb(l.least)...)
	}
	return slices.Concat([]byte{1}, leb(l.least), leb(l.most))
}

// bytes is the file. Functions have no bodies, so it can't be compiled.
func (w wasm) bytes() []byte {
	b := []byte("\x00asm\x01\x00\x00\x00")
	b = append(b, section(1, vec(w.types, func(s signature) []byte {
		return slices.Concat([]byte{0x60}, text(s.params), text(s.results))
	}))...)
	b = append(b, section(2, vec(w.imports, func(i importOfFunction) []byte {
		return slices.Concat(text(i.module), text(i.name), []byte{kindFunction}, leb(i.typ))
	}))...)
	b = append(b, section(3, vec(w.functions, leb))...)
	b = append(b, section(4, vec(w.tables, func(least int) []byte { return append([]byte{0x70}, limits(limit{least: least})...) }))...)
	b = append(b, section(5, vec(w.memories, limits))...)
	b = append(b, section(6, leb(w.globals))...)
	b = append(b, section(7, vec(w.exports, func(e exportOf) []byte {
		return slices.Concat(text(e.name), []byte{e.kind}, leb(e.index))
	}))...)
	if w.manifest != "" {
		b = append(b, section(0, append(text(manifestSection), w.manifest...))...)
	}
	return append(b, w.more...)
}

const goodManifest = `{"abi":1,"name":"robot","title":"Robot","version":"1.0.0","author":"Somebody","description":"Sounds like a robot.",` +
	`"hooks":["audio","chat.outgoing"],"permissions":["random"],"on_miss":"silence","settings":[` +
	`{"name":"pitch","type":"float","default":1.5,"min":0.5,"max":2},{"name":"steps","type":"int","default":9007199254740991},` +
	`{"name":"loud","type":"bool","default":true},{"name":"greeting","type":"text","default":"hi","max_bytes":10},` +
	`{"name":"voice","type":"choice","default":"low","choices":["low","high"]}]}`

// good is a plugin that has everything.
func good() wasm {
	w := wasm{
		manifest: goodManifest,
		types:    []signature{{i32 + i32 + i32, ""}},
		imports:  []importOfFunction{{hostModule, importLog, 0}, {wasiModule, "fd_write", 0}},
		memories: []limit{{1, 0}},
		exports:  []exportOf{{exportMemory, kindMemory, 0}},
	}
	for i, e := range exportedFunctions {
		w.types = append(w.types, e.sig)
		w.functions = append(w.functions, i+1)
		w.exports = append(w.exports, exportOf{e.name, kindFunction, len(w.imports) + i})
	}
	return w
}

// without is good without an export.
func without(name string) wasm {
	w := good()
	w.exports = slices.DeleteFunc(w.exports, func(e exportOf) bool { return e.name == name })
	return w
}
