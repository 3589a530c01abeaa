package voice

import (
	"io"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Decode returns a source of PCM made of one that has Opus: a file that was opened
// by audiofile.OpenOpus, say, so that its volume can be changed or it can be mixed.
// The decoder is the source's from now on; channels are what it was made for. A
// packet that can't be decoded is silence for as long as it lasts. The result is an io.Closer that closes a source
// that is one.
func Decode(source OpusSource, decoder Decoder, channels int) Source {
	return &decoded{source: source, decoder: decoder, channels: channels, pcm: make([]float32, packet.MaxSamples*channels)}
}

// decoded is the source of Decode. One goroutine uses it.
type decoded struct {
	source   OpusSource
	decoder  Decoder
	channels int

	payload []byte
	pcm     []float32
	rest    []float32 // of pcm: what was not given yet
	err     error     // what comes after rest
}

// ReadPCM implements [Source].
func (d *decoded) ReadPCM(pcm []float32) (n int, err error) {
	for n < len(pcm) {
		if len(d.rest) == 0 && !d.next() {
			break
		}
		given := copy(pcm[n:], d.rest)
		d.rest = d.rest[given:]
		n += given
	}
	if n == 0 {
		return 0, d.err
	}
	return n, nil
}

// next decodes a packet; it is false when there is none to be had just now.
func (d *decoded) next() bool {
	if d.err != nil {
		return false
	}
	d.payload, _, d.err = d.source.ReadOpus(d.payload[:0])
	if len(d.payload) == 0 {
		return false
	}
	samples, err := d.decoder.Decode(d.pcm, d.payload)
	if err != nil {
		clear(d.pcm)
		ok := false
		if samples, ok = packet.Samples(d.payload); !ok {
			samples = 0 // of no length that there is
		}
	}
	d.rest = d.pcm[:samples*d.channels]
	return len(d.rest) > 0
}

// Close closes the source, if it can be closed.
func (d *decoded) Close() error {
	if closer, ok := d.source.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}
