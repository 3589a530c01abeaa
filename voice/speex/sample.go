//go:build cgo && !nospeex

package speex

/*
#include <speex/speexdsp_types.h>
*/
import "C"

const fullScale = 32767

// toInt16 rounds pcm to 16 bits; what is not a number becomes silence.
func toInt16(dst []C.spx_int16_t, pcm []float32) {
	for i, x := range pcm {
		x *= fullScale
		switch {
		case x >= fullScale:
			dst[i] = fullScale
		case x <= -fullScale:
			dst[i] = -fullScale
		case x >= 0:
			dst[i] = C.spx_int16_t(x + 0.5)
		case x < 0:
			dst[i] = C.spx_int16_t(x - 0.5)
		default:
			dst[i] = 0
		}
	}
}

func toFloat32(pcm []float32, src []C.spx_int16_t) {
	for i := range pcm {
		pcm[i] = float32(src[i]) / fullScale
	}
}
