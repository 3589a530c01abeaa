package packet

// samplesPerMs is at the rate of all sample counts, 48 kHz.
const samplesPerMs = 48

// MaxSamples is the longest Opus packet, 120 ms, in samples per channel.
const MaxSamples = 120 * samplesPerMs

// Samples returns the duration of an Opus packet in samples per channel at 48 kHz,
// as its first bytes say (RFC 6716, section 3.1), and whether it is a legal one. It
// looks no further into the packet.
func Samples(payload []byte) (samples int, ok bool) {
	if len(payload) == 0 {
		return 0, false
	}
	frames := 1
	switch payload[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(payload) < 2 {
			return 0, false
		}
		frames = int(payload[1] & 0x3f)
	}
	samples = frames * frameSamples(payload[0]>>3)
	return samples, samples > 0 && samples <= MaxSamples
}

// HasFEC reports whether an Opus packet holds what stands in for the one before it
// (in-band FEC, LBRR): flags of its first SILK frame, which RFC 6716, section 4.2.3,
// has at fixed bits. It looks into packets with one or two Opus frames alone.
func HasFEC(payload []byte) bool {
	if len(payload) < 2 {
		return false
	}
	config, stereo := payload[0]>>3, payload[0]&4 != 0
	if config >= 16 { // CELT alone
		return false
	}
	first := payload[1:]
	switch payload[0] & 3 {
	case 2: // the first frame's length comes before it
		n := 1
		if payload[1] >= 252 {
			n = 2
		}
		first = payload[min(1+n, len(payload)):]
	case 3:
		return false
	}
	if len(first) == 0 {
		return false
	}
	activity := max(1, frameSamples(config)/(20*samplesPerMs)) // a flag for each 20 ms
	mid, side := first[0]&(0x80>>activity), first[0]&(0x80>>(2*activity+1))
	return mid != 0 || stereo && side != 0
}

// frameSamples gives the length of one frame of an Opus configuration.
func frameSamples(config byte) int {
	switch {
	case config >= 16: // CELT: 2.5, 5, 10, 20 ms
		return 5 * samplesPerMs / 2 << (config & 3)
	case config >= 12: // hybrid: 10, 20 ms
		return 10 * samplesPerMs << (config & 1)
	case config&3 == 3: // SILK: 10, 20, 40, 60 ms
		return 60 * samplesPerMs
	default:
		return 10 * samplesPerMs << (config & 3)
	}
}
