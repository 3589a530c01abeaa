// Package speech is a recording of real speech, for measurements; README.md says
// where it comes from.
package speech

import _ "embed"

// WAV is the file.
//
//go:embed speech.wav
var WAV []byte
