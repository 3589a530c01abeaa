package xinput

import (
	"encoding/binary"
	"math/bits"
)

// The requests of the core protocol.
const (
	opQueryKeymap        = 44
	opQueryExtension     = 98
	opGetKeyboardMapping = 101
)

// The requests and events of the X Input Extension.
const (
	xiSelectEvents = 46
	xiQueryVersion = 47

	xiRawKeyPress      = 13
	xiRawKeyRelease    = 14
	xiRawButtonPress   = 15
	xiRawButtonRelease = 16

	xiAllMasterDevices = 1
)

var wire = binary.LittleEndian

// request starts one: its operation, a byte of data, and the length in words, which finish sets.
func request(op, data byte) []byte { return []byte{op, data, 0, 0} }

func finish(b []byte) []byte {
	b = append(b, make([]byte, -len(b)&3)...)
	wire.PutUint16(b[2:], uint16(len(b)/4))
	return b
}

// setupRequest begins a connection.
func setupRequest(cookie []byte) []byte {
	name := cookieName
	if cookie == nil {
		name = ""
	}
	b := []byte{'l', 0, 11, 0, 0, 0}
	b = wire.AppendUint16(b, uint16(len(name)))
	b = wire.AppendUint16(b, uint16(len(cookie)))
	b = append(b, 0, 0)
	b = append(b, name...)
	b = append(b, make([]byte, -len(b)&3)...)
	b = append(b, cookie...)
	return append(b, make([]byte, -len(b)&3)...)
}

func queryExtension(name string) []byte {
	b := wire.AppendUint16(request(opQueryExtension, 0), uint16(len(name)))
	b = append(b, 0, 0)
	return finish(append(b, name...))
}

func queryVersion(extension byte) []byte {
	b := wire.AppendUint16(request(extension, xiQueryVersion), 2)
	return finish(wire.AppendUint16(b, 1)) // 2.1: raw events come whoever has a grab
}

func selectRaw(extension byte, root uint32) []byte {
	b := wire.AppendUint32(request(extension, xiSelectEvents), root)
	b = append(b, 1, 0, 0, 0) // one mask
	b = wire.AppendUint16(b, xiAllMasterDevices)
	b = wire.AppendUint16(b, 1) // of one word
	return finish(wire.AppendUint32(b, 1<<xiRawKeyPress|1<<xiRawKeyRelease|1<<xiRawButtonPress|1<<xiRawButtonRelease))
}

func getKeyboardMapping(first, count byte) []byte {
	return finish(append(request(opGetKeyboardMapping, 0), first, count, 0, 0))
}

func queryKeymap() []byte { return finish(request(opQueryKeymap, 0)) }

// Keycodes is a set of the keys of a keyboard by their codes.
type Keycodes [4]uint64

// Has reports whether a code is in the set.
func (k *Keycodes) Has(code byte) bool { return k[code>>6]&(1<<(code&63)) != 0 }

// Set puts a code into the set, or takes it out.
func (k *Keycodes) Set(code byte, in bool) {
	if in {
		k[code>>6] |= 1 << (code & 63)
	} else {
		k[code>>6] &^= 1 << (code & 63)
	}
}

// Meets reports whether a code is in both sets.
func (k *Keycodes) Meets(other *Keycodes) bool {
	for i := range k {
		if k[i]&other[i] != 0 {
			return true
		}
	}
	return false
}

// Len counts them.
func (k *Keycodes) Len() int {
	n := 0
	for _, w := range k {
		n += bits.OnesCount64(w)
	}
	return n
}
