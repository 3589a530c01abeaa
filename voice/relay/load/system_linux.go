package load

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/voiceapp-sdk/voiceapp"
)

// sleep sleeps on the caller's thread, to some 50 microseconds.
func sleep(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &t, nil) // woken early, the caller looks at the clock
}

// tick is the unit of /proc/PID/stat: USER_HZ is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// ProcessCPU returns the CPU time that a process has used so far, in user and
// kernel mode, as the operating system accounts for it: to 10 ms for another
// process, to a microsecond for this one. The errors are [voiceapp.NotFound] and
// [voiceapp.Unavailable] on systems other than Linux.
func ProcessCPU(pid int) (time.Duration, error) {
	if pid == os.Getpid() {
		var usage unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
			return 0, voiceapp.WrapError(voiceapp.Internal, "load: no account of this process", err)
		}
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, voiceapp.WrapError(voiceapp.NotFound, "load: there is no process "+strconv.Itoa(pid), err)
	}
	return parseStat(stat)
}

// parseStat reads utime and stime, the 14th and 15th field of proc(5)'s stat. The
// second, the program's name in brackets, may hold spaces and brackets.
func parseStat(stat []byte) (time.Duration, error) {
	const third, utime, stime = 3, 14, 15
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= stime-third {
		return 0, voiceapp.NewError(voiceapp.Internal, "load: /proc has no account of that form")
	}
	user, err := strconv.ParseUint(string(fields[utime-third]), 10, 63)
	if err != nil {
		return 0, voiceapp.WrapError(voiceapp.Internal, "load: /proc has no account of that form", err)
	}
	kernel, err := strconv.ParseUint(string(fields[stime-third]), 10, 63)
	if err != nil {
		return 0, voiceapp.WrapError(voiceapp.Internal, "load: /proc has no account of that form", err)
	}
	return time.Duration(user+kernel) * tick, nil
}
