package load

import (
	"bytes"
	"os"
	"strconv"

	"github.com/voiceapp-sdk/voiceapp"
)

// ProcessMemory returns the bytes of memory that a process has resident, as the
// operating system accounts for them. The errors are [voiceapp.NotFound], and
// [voiceapp.Unavailable] on systems other than Linux.
func ProcessMemory(pid int) (int64, error) {
	statm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0, voiceapp.WrapError(voiceapp.NotFound, "load: there is no process "+strconv.Itoa(pid), err)
	}
	return parseStatm(statm)
}

// parseStatm reads the second field of proc(5)'s statm, in pages.
func parseStatm(statm []byte) (int64, error) {
	const resident = 1
	fields := bytes.Fields(statm)
	if len(fields) <= resident {
		return 0, voiceapp.NewError(voiceapp.Internal, "load: /proc has no account of that form")
	}
	pages, err := strconv.ParseInt(string(fields[resident]), 10, 64)
	if err != nil {
		return 0, voiceapp.WrapError(voiceapp.Internal, "load: /proc has no account of that form", err)
	}
	return pages * int64(os.Getpagesize()), nil
}
