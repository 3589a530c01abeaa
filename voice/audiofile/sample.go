package audiofile

import (
	"encoding/binary"
	"math"
)

// loudest is 24 dB over full scale: what a float file has beyond that, or that is
// not a number, is no sound.
const loudest = 16

// appendDecoded appends samples of the file's format to dst.
func (h *header) appendDecoded(dst []float32, raw []byte) []float32 {
	for ; len(raw) >= h.width; raw = raw[h.width:] {
		dst = append(dst, h.decode(raw))
	}
	return dst
}

// decode returns the first sample of b. PCM of 8 bits is unsigned; the others are
// two's complement, left-justified in whole bytes.
func (h *header) decode(b []byte) float32 {
	switch {
	case h.Float && h.width == 4:
		return sane(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case h.Float:
		return sane(float32(math.Float64frombits(binary.LittleEndian.Uint64(b))))
	case h.width == 1:
		return float32(int(b[0])-128) / (1 << 7)
	case h.width == 2:
		return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
	case h.width == 3:
		return float32(int32(b[0])<<8|int32(b[1])<<16|int32(b[2])<<24) / (1 << 31)
	default:
		return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
	}
}

func sane(v float32) float32 {
	if v >= -loudest && v <= loudest {
		return v
	}
	return 0
}

// appendEncoded appends samples of 16 or 24 bits, or of 32 in floating point, to
// dst. What is not a number becomes silence.
func appendEncoded(dst []byte, pcm []float32, bits int) []byte {
	for _, v := range pcm {
		switch bits {
		case 16:
			dst = binary.LittleEndian.AppendUint16(dst, uint16(quantise(v, 1<<15)))
		case 24:
			q := quantise(v, 1<<23)
			dst = append(dst, byte(q), byte(q>>8), byte(q>>16))
		default:
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(sane(v)))
		}
	}
	return dst
}

// quantise rounds to the nearest of 2*scale steps, and clips.
func quantise(v float32, scale float64) int32 {
	q := math.Round(float64(v) * scale)
	if q != q {
		return 0
	}
	return int32(min(max(q, -scale), scale-1))
}
