package plugin

import (
	"encoding/binary"
	"slices"
)

// Pack returns a module with a manifest in it, in the place of the one that it had:
// for compilers that can't write custom sections. Neither slice is changed. The error is
// [voiceapp.Invalid], and says why the two do not go together.
func Pack(module, manifest []byte) ([]byte, error) {
	if err := checkPreamble(module); err != nil {
		return nil, err
	}
	packed := slices.Clone(module[:8])
	c := &cursor{rest: module[8:]}
	for len(c.rest) > 0 && c.err == nil {
		whole := c.rest
		id := c.byte()
		body := &cursor{rest: c.take(c.number())}
		if id == 0 && body.name() == manifestSection {
			continue
		}
		packed = append(packed, whole[:len(whole)-len(c.rest)]...)
	}
	if c.err != nil {
		return nil, c.err
	}
	name := append([]byte{byte(len(manifestSection))}, manifestSection...)
	packed = append(packed, 0)
	packed = binary.AppendUvarint(packed, uint64(len(name)+len(manifest)))
	packed = append(append(packed, name...), manifest...)
	_, err := ReadManifest(packed)
	return packed, err
}
