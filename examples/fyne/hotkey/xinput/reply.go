package xinput

import "github.com/voiceapp-sdk/voiceapp"

// The kinds of what a server sends, in its first byte.
const (
	isError         = 0
	isReply         = 1
	isMappingNotify = 34
	isGeneric       = 35
)

// head is the least that a server sends, and what every message starts with.
const head = 32

// maxMessage bounds what is read at once: a keyboard's whole mapping is some 16 KiB.
const maxMessage = 1 << 17

var errShort = voiceapp.NewError(voiceapp.BadRequest, "the X server said something that can't be read")

// messageLength returns how long the message is whose head this is.
func messageLength(b []byte) (int, error) {
	if len(b) < head {
		return 0, errShort
	}
	if kind := b[0] & 0x7f; kind != isReply && kind != isGeneric {
		return head, nil
	}
	words := wire.Uint32(b[4:])
	if words > (maxMessage-head)/4 {
		return 0, errShort
	}
	return head + int(words)*4, nil
}

// setup is what a server says of itself at first.
type setup struct {
	root               uint32
	firstCode, numbers byte // of the keyboard's codes
}

// parseSetup reads it, with the 8 bytes before it.
func parseSetup(b []byte) (setup, error) {
	if len(b) < 40 {
		return setup{}, errShort
	}
	vendor, formats := int(wire.Uint16(b[24:])), int(b[29])
	screens := 40 + (vendor+3)&^3 + 8*formats
	low, high := b[34], b[35]
	if b[28] == 0 || len(b) < screens+4 || low < 8 || high < low {
		return setup{}, errShort
	}
	return setup{root: wire.Uint32(b[screens:]), firstCode: low, numbers: high - low + 1}, nil
}

// Mapping says which symbols are on which keys.
type Mapping struct {
	first   byte
	width   int // symbols of each key: plain, with Shift, and the same for further groups
	symbols []uint32
}

func parseMapping(first byte, b []byte) (Mapping, error) {
	if len(b) < head || b[1] == 0 {
		return Mapping{}, errShort
	}
	m := Mapping{first: first, width: int(b[1])}
	for b = b[head:]; len(b) >= 4; b = b[4:] {
		m.symbols = append(m.symbols, wire.Uint32(b))
	}
	if len(m.symbols)%m.width != 0 || int(first)+len(m.symbols)/m.width > 256 {
		return Mapping{}, errShort
	}
	return m, nil
}

// Keys returns the keys that have one of the symbols without Shift, or, where none has,
// with it.
func (m Mapping) Keys(symbols ...uint32) Keycodes {
	for shift := range 2 {
		if found := m.find(shift, symbols); found.Len() > 0 {
			return found
		}
	}
	return Keycodes{}
}

func (m Mapping) find(shift int, symbols []uint32) Keycodes {
	var found Keycodes
	for i, s := range m.symbols {
		if i%m.width&1 != shift {
			continue
		}
		for _, want := range symbols {
			if s == want && s != 0 {
				found.Set(m.first+byte(i/m.width), true)
			}
		}
	}
	return found
}

func parseKeymap(b []byte) (Keycodes, error) {
	if len(b) < 40 {
		return Keycodes{}, errShort
	}
	var k Keycodes
	for i := range k {
		k[i] = wire.Uint64(b[8+8*i:])
	}
	return k, nil
}

// parseRaw reads a raw event; ok is false for others.
func parseRaw(b []byte) (e Event, ok bool) {
	switch wire.Uint16(b[8:]) {
	case xiRawKeyPress:
		e.Kind = KeyDown
	case xiRawKeyRelease:
		e.Kind = KeyUp
	case xiRawButtonPress:
		e.Kind = ButtonDown
	case xiRawButtonRelease:
		e.Kind = ButtonUp
	default:
		return Event{}, false
	}
	detail := wire.Uint32(b[16:])
	e.Code = byte(detail)
	return e, detail < 256
}
