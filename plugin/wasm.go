package plugin

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/voiceapp-sdk/voiceapp"
)

// Limits of a module, as ABI.md has them.
const (
	// MaxFile is the largest file, in bytes.
	MaxFile = 32 << 20

	maxManifest  = 64 << 10
	maxFunctions = 100_000
	maxGlobals   = 10_000
	maxElements  = 65_536 // of all tables
	maxEntries   = 10_000 // imports, exports, tables
)

// manifestSection is the name of the custom section that holds the manifest.
const manifestSection = "voiceapp.manifest"

// Kinds of imports and exports.
const (
	kindFunction = iota
	kindTable
	kindMemory
	kindGlobal
)

var kindNames = [...]string{"function", "table", "memory", "global"}

// module is what can be said of a WebAssembly module without compiling it.
type module struct {
	manifest  []byte
	types     []signature
	imports   []importEntry
	functions []uint32 // their types, those that are imported first
	memories  []uint32 // their smallest sizes, in pages
	exports   map[string]exportEntry
	elements  uint64 // of all tables, at least
}

// signature is the type of a function, with the binary format's letters.
type signature struct{ params, results string }

type importEntry struct {
	module, name string
	kind         byte
	typ          uint32
}

type exportEntry struct {
	kind  byte
	index uint32
}

// refuse is the error of a file that is no plugin.
func refuse(format string, args ...any) error {
	return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf(format, args...))
}

var errTruncated = refuse("the file is cut off, or damaged: a part of it runs past its end")

// parse walks the sections of a module.
func parse(b []byte) (*module, error) {
	if err := checkPreamble(b); err != nil {
		return nil, err
	}
	m := &module{exports: map[string]exportEntry{}}
	c := &cursor{rest: b[8:]}
	for len(c.rest) > 0 && c.err == nil {
		id := c.byte()
		body := &cursor{rest: c.take(c.number())}
		if c.err != nil {
			break
		}
		m.section(id, body)
		c.err = body.err
	}
	if c.err != nil {
		return nil, c.err
	}
	return m, nil
}

func checkPreamble(b []byte) error {
	switch {
	case len(b) > MaxFile:
		return refuse("the file has %d MiB; a plugin has at most %d", len(b)>>20, MaxFile>>20)
	case len(b) < 8 || !bytes.HasPrefix(b, []byte("\x00asm")):
		return refuse("this is no WebAssembly file")
	}
	switch version := binary.LittleEndian.Uint32(b[4:]); {
	case version == 1:
		return nil
	case version>>16 == 1:
		return refuse("this is a WebAssembly component; a plugin is a core module: build it for wasm32-unknown-unknown or wasip1")
	default:
		return refuse("this is WebAssembly of version %d; a plugin has version 1", version)
	}
}

// section reads a section's body into m.
func (m *module) section(id byte, c *cursor) {
	switch id {
	case 0:
		m.custom(c)
	case 1:
		c.each(maxFunctions, "types", m.functionType)
	case 2:
		c.each(maxEntries, "imports", m.importOf)
	case 3:
		c.each(maxFunctions, "functions", func(c *cursor) { m.functions = append(m.functions, c.number()) })
	case 4:
		c.each(maxEntries, "tables", m.table)
	case 5:
		c.each(maxEntries, "memories", m.memory)
	case 6:
		c.count(maxGlobals, "globals")
	case 7:
		c.each(maxEntries, "exports", m.export)
	}
}

func (m *module) custom(c *cursor) {
	if c.name() != manifestSection || c.err != nil {
		return
	}
	if m.manifest != nil {
		c.err = refuse("the file has more than one manifest")
		return
	}
	m.manifest = append([]byte{}, c.rest...)
}

func (m *module) functionType(c *cursor) {
	if c.byte() != 0x60 && c.err == nil {
		c.err = refuse("the file uses types of a later WebAssembly than 2.0")
		return
	}
	m.types = append(m.types, signature{string(c.take(c.number())), string(c.take(c.number()))})
}

func (m *module) importOf(c *cursor) {
	e := importEntry{module: c.name(), name: c.name(), kind: c.byte()}
	if e.kind == kindFunction {
		e.typ = c.number()
		m.functions = append(m.functions, e.typ)
	} else if c.err == nil {
		c.err = refuse("the file imports %s.%s, which is no function; a plugin brings its own memory and tables", e.module, e.name)
	}
	m.imports = append(m.imports, e)
}

func (m *module) table(c *cursor) {
	c.byte() // what it refers to
	m.elements += uint64(c.limits())
}

func (m *module) memory(c *cursor) { m.memories = append(m.memories, c.limits()) }

func (m *module) export(c *cursor) {
	name := c.name()
	m.exports[name] = exportEntry{c.byte(), c.number()}
}

// function returns the type of an exported function.
func (m *module) function(name string) (sig signature, ok bool) {
	e, ok := m.exports[name]
	if !ok || e.kind != kindFunction || int(e.index) >= len(m.functions) {
		return signature{}, false
	}
	typ := m.functions[e.index]
	if int(typ) >= len(m.types) {
		return signature{}, false
	}
	return m.types[typ], true
}

// cursor reads the binary format. After an error all reads give nothing.
type cursor struct {
	rest []byte
	err  error
}

func (c *cursor) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	c.rest = nil
}

func (c *cursor) byte() byte {
	if len(c.rest) == 0 {
		c.fail(errTruncated)
		return 0
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b
}

// number reads an unsigned LEB128 number of 32 bits.
func (c *cursor) number() uint32 {
	n, size := binary.Uvarint(c.rest[:min(len(c.rest), 5)])
	if size <= 0 || n > 1<<32-1 {
		c.fail(errTruncated)
		return 0
	}
	c.rest = c.rest[size:]
	return uint32(n)
}

func (c *cursor) take(n uint32) []byte {
	if uint64(n) > uint64(len(c.rest)) {
		c.fail(errTruncated)
		return nil
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) name() string {
	b := c.take(c.number())
	if !utf8.Valid(b) {
		c.fail(refuse("a name in the file is not UTF-8"))
		return ""
	}
	return string(b)
}

// limits reads the limits of a table or a memory and returns the smallest size.
func (c *cursor) limits() uint32 {
	flags := c.byte()
	if flags > 1 {
		c.fail(refuse("the file uses shared or 64-bit memory, which a plugin can't have"))
		return 0
	}
	least := c.number()
	if flags == 1 {
		c.number()
	}
	return least
}

func (c *cursor) count(most uint32, what string) uint32 {
	n := c.number()
	if n > most {
		c.fail(refuse("the file has %d %s; a plugin has at most %d", n, what, most))
		return 0
	}
	return n
}

func (c *cursor) each(most uint32, what string, read func(*cursor)) {
	for range c.count(most, what) {
		if c.err != nil {
			return
		}
		read(c)
	}
}
