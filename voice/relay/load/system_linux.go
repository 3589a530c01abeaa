package load

import (
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/voiceapp-sdk/voiceapp"
)

// sleep sleeps on the caller's thread, to some 50 microseconds.
func sleep(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &t, nil) // woken early, the caller looks at the clock
}

// ProcessCPU returns the CPU time that a process has used so far, in user and
// kernel mode, as the operating system accounts for it, to a nanosecond. The errors
// are [voiceapp.NotFound] and [voiceapp.Unavailable] on systems other than Linux.
func ProcessCPU(pid int) (time.Duration, error) {
	const schedulersAccount = 2 // of the three clocks that a process has: clock_getcpuclockid(3)
	var used unix.Timespec
	err := error(unix.ESRCH)
	if 0 < pid && pid < 1<<28 {
		err = unix.ClockGettime(^int32(pid)<<3|schedulersAccount, &used)
	}
	if err != nil {
		return 0, voiceapp.WrapError(voiceapp.NotFound, "load: there is no such process", os.NewSyscallError("clock_gettime", err))
	}
	return time.Duration(used.Nano()), nil
}

// threadCPU returns the CPU time of the thread that runs f.
func threadCPU(f func()) (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &before)
	f()
	if err == nil {
		err = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &after)
	}
	if err != nil {
		return 0, voiceapp.WrapError(voiceapp.Unavailable, "load: no account of this thread", err)
	}
	return time.Duration(after.Nano() - before.Nano()), nil
}
