package audiofile

import (
	"fmt"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// FileRate is the file's own rate, where a [Reader] is asked for it.
const FileRate = -1

// Format is what a [Reader] gives, or a [Writer] takes and writes.
type Format struct {
	Rate     int // frames a second; 0 is 48000; of a [Reader] also [FileRate]
	Channels int // 1 or 2; 0 is 1
	Bits     int // of a [Writer]: 16, 24, or 32, which is floating point; 0 is 16
}

// withDefaults returns the format with zeros filled in, or what is wrong with it.
func (f Format) withDefaults() (Format, error) {
	f.Rate = or(f.Rate, 48000)
	f.Channels = or(f.Channels, 1)
	f.Bits = or(f.Bits, 16)
	switch {
	case f.Rate < dsp.MinRate || f.Rate > dsp.MaxRate:
		return f, invalid("%d Hz: the rate is %d to %d", f.Rate, dsp.MinRate, dsp.MaxRate)
	case f.Channels != 1 && f.Channels != 2:
		return f, invalid("%d channels: there are 1 or 2", f.Channels)
	case f.Bits != 16 && f.Bits != 24 && f.Bits != 32:
		return f, invalid("%d bits: a sample has 16, 24 or 32", f.Bits)
	}
	return f, nil
}

func or(value, zero int) int {
	if value == 0 {
		return zero
	}
	return value
}

func invalid(format string, args ...any) error {
	return voiceapp.NewError(voiceapp.Invalid, "audiofile: "+fmt.Sprintf(format, args...))
}

// Info is what a file holds.
type Info struct {
	Rate     int // frames a second
	Channels int
	Bits     int // of a sample
	Float    bool
}

// String describes it for people: "48000 Hz, stereo, 16 bit".
func (i Info) String() string {
	channels := fmt.Sprintf("%d channels", i.Channels)
	switch i.Channels {
	case 1:
		channels = "mono"
	case 2:
		channels = "stereo"
	}
	float := ""
	if i.Float {
		float = " float"
	}
	return fmt.Sprintf("%d Hz, %s, %d bit%s", i.Rate, channels, i.Bits, float)
}
