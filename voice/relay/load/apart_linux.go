package load

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/voiceapp-sdk/voiceapp"
)

// Apart gives another process the first CPU that this one may use, and keeps this one to
// the others, until it ends: what is measured then is the other's. It returns the CPU. The
// errors are [voiceapp.NotFound], and [voiceapp.Unavailable] where there is one CPU alone,
// or no Linux.
func Apart(pid int) (cpu int, err error) {
	var mine, theirs unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mine); err != nil || mine.Count() < 2 {
		return 0, voiceapp.WrapError(voiceapp.Unavailable, "load: there is no CPU to spare", err)
	}
	for !mine.IsSet(cpu) {
		cpu++
	}
	theirs.Set(cpu)
	mine.Clear(cpu)
	if err := keepTo(pid, &theirs); err != nil {
		return 0, err
	}
	return cpu, keepTo(os.Getpid(), &mine)
}

// keepTo keeps all threads of a process to CPUs. New ones inherit that from who makes them,
// so that a second look finds those that were made during the first.
func keepTo(pid int, cpus *unix.CPUSet) error {
	for range 2 {
		threads, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/task")
		if err != nil {
			return voiceapp.WrapError(voiceapp.NotFound, "load: there is no such process", err)
		}
		for _, thread := range threads {
			id, _ := strconv.Atoi(thread.Name())
			_ = unix.SchedSetaffinity(id, cpus) // one that has ended needs none
		}
	}
	return nil
}

// onCPU runs f, on the caller's locked thread, on a CPU; below 0: on any.
func onCPU(cpu int, f func()) {
	var before, one unix.CPUSet
	if cpu < 0 || unix.SchedGetaffinity(0, &before) != nil {
		f()
		return
	}
	one.Set(cpu)
	_ = unix.SchedSetaffinity(0, &one) // Apart has had it
	defer func() { _ = unix.SchedSetaffinity(0, &before) }()
	f()
}
