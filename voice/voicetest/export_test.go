package voicetest

import "github.com/voiceapp-sdk/voiceapp/voice"

// CodecCheck runs one check of [TestCodec].
func CodecCheck(codec voice.Codec, channels int, name string) error {
	c, err := newPair(codec, channels)
	if err != nil {
		return err
	}
	for _, check := range codecChecks {
		if check.name == name {
			return check.run(c)
		}
	}
	panic("no such check: " + name)
}

// ReadAll, WriteAll, Alike and Refuses are the checks of [TestSource] and
// [TestSink].
var (
	ReadAll  = readAll
	WriteAll = writeAll
	Alike    = alike
	Refuses  = refuses
)
