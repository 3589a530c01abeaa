package opus

import "github.com/voiceapp-sdk/voiceapp"

// SampleRate is the rate of all PCM, in Hz.
const SampleRate = 48_000

// MaxPacket is the size of the largest packet that an [Encoder] makes, in bytes.
// It bounds the bitrate of long frames: 170 kbit/s at 60 ms.
const MaxPacket = 1275

// Errors are made once, so that a bad packet costs nothing.
var (
	errChannels = voiceapp.NewError(voiceapp.Invalid, "opus: there are 1 or 2 channels")
	errLoss     = voiceapp.NewError(voiceapp.Invalid, "opus: a loss is between 0 and 100 percent")
	errBitrate  = voiceapp.NewError(voiceapp.Invalid, "opus: the bitrate is not between 6,000 and 510,000 bits a second")
)

func checkChannels(channels int) error {
	if channels != 1 && channels != 2 {
		return errChannels
	}
	return nil
}

func checkLoss(percent int) error {
	if percent < 0 || percent > 100 {
		return errLoss
	}
	return nil
}

func checkBitrate(bitsPerSecond int) error {
	if bitsPerSecond < voiceapp.MinBitrate || bitsPerSecond > voiceapp.MaxBitrate {
		return errBitrate
	}
	return nil
}
