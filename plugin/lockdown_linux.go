package plugin

import (
	"bytes"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"

	"golang.org/x/sys/unix"
)

// executable is this program, also when its file was replaced meanwhile.
func executable() string { return "/proc/self/exe" }

// childEnvironment is all of the environment that a child gets. Two threads for Go: one
// for the guest, and one that notices when the host has gone.
func childEnvironment() []string { return []string{"GOMAXPROCS=2", "GOTRACEBACK=none"} }

// spare is what a child may use beyond the guest's memory, in bytes of address space:
// the guest's memory is copied when it grows.
const spare = 128 << 20

// lockDown gives up what a guest is not to have: files, network, other processes,
// privileges, and more memory than its share. What the kernel does not know is left
// out; that it refuses what it knows is an error.
func lockDown(memory int) error {
	used, err := addressSpace()
	if err != nil {
		return err
	}
	for resource, most := range map[int]uint64{
		unix.RLIMIT_AS:    used + 3*uint64(memory) + spare,
		unix.RLIMIT_CORE:  0,
		unix.RLIMIT_FSIZE: 0,
	} {
		var limit unix.Rlimit
		if err := unix.Getrlimit(resource, &limit); err != nil {
			return err
		}
		most = min(most, limit.Max) // the system's may be lower, and can't be raised
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return err
		}
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return err
	}
	return filterCalls()
}

// limitMemory lets this process take only so many bytes more, until it is locked down.
// The garbage collector is told, so that it does its best before.
func limitMemory(most int) error {
	used, err := addressSpace()
	if err != nil {
		return err
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &limit); err != nil {
		return err
	}
	limit.Cur = min(used+uint64(most), limit.Max)
	debug.SetMemoryLimit(int64(most) / 4 * 3)
	return unix.Setrlimit(unix.RLIMIT_AS, &limit)
}

// addressSpace is how much of it this process uses, in bytes.
func addressSpace() (uint64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	first, _, _ := bytes.Cut(text, []byte(" "))
	pages, err := strconv.ParseUint(string(first), 10, 64)
	return pages * uint64(os.Getpagesize()), err
}

// lifeline gives the child a pipe that ends when this process does.
func lifeline(command *exec.Cmd, end *os.File) { command.ExtraFiles = []*os.File{end} }

const lifelineFile = 3

// watchLifeline ends this process when the host has gone, even while the guest runs:
// the kernel kills it then. Go alone could not, when it waits for the guest to collect
// garbage.
func watchLifeline() error {
	flags, err := unix.FcntlInt(lifelineFile, unix.F_GETFL, 0)
	for _, set := range [][2]int{
		{unix.F_SETOWN, os.Getpid()}, {unix.F_SETSIG, int(unix.SIGKILL)}, {unix.F_SETFL, flags | unix.O_ASYNC},
	} {
		if err == nil {
			_, err = unix.FcntlInt(lifelineFile, set[0], set[1])
		}
	}
	go waitForHost()
	return err
}

// waitForHost ends this process when the host had gone before the kernel was told.
func waitForHost() {
	var b [1]byte
	for {
		if n, err := unix.Read(lifelineFile, b[:]); err == unix.EINTR || n > 0 {
			continue
		}
		os.Exit(0)
	}
}
