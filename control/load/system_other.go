//go:build !linux

package load

import "github.com/voiceapp-sdk/voiceapp"

// ProcessMemory returns the bytes of memory that a process has resident. On this
// system the error is [voiceapp.Unavailable].
func ProcessMemory(int) (int64, error) {
	return 0, voiceapp.NewError(voiceapp.Unavailable, "load: the memory of processes is measured on Linux only")
}
