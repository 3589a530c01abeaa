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

// Apart is always [voiceapp.Unavailable] here: it needs Linux.
func Apart(int) (int, error) {
	return 0, voiceapp.NewError(voiceapp.Unavailable, "load: processes are kept apart on Linux only")
}

func onCPU(_ int, f func()) { f() }

func threadCPU(func()) (time.Duration, error) {
	return 0, voiceapp.NewError(voiceapp.Unavailable, "load: the CPU time of a thread is known on Linux only")
}
