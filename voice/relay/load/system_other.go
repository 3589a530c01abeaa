//go:build !linux

package load

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// sleep sleeps as finely as the system's timers allow.
func sleep(d time.Duration) { time.Sleep(d) }

// ProcessCPU returns the CPU time that a process has used so far. Here it is
// always [voiceapp.Unavailable]: it needs Linux.
func ProcessCPU(int) (time.Duration, error) {
	return 0, voiceapp.NewError(voiceapp.Unavailable, "load: the CPU time of a process is known on Linux only")
}

func threadCPU(func()) (time.Duration, error) {
	return 0, voiceapp.NewError(voiceapp.Unavailable, "load: the CPU time of a thread is known on Linux only")
}
