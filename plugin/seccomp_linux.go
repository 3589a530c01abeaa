//go:build linux && (amd64 || arm64)

package plugin

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// allowedCalls is what Go's runtime needs to go on: memory, threads, time, and the
// pipes that are open. There is none among them that opens, connects, starts or
// signals anything else.
var allowedCalls = append([]uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_CLOSE,
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_MREMAP, unix.SYS_BRK, unix.SYS_MINCORE,
	unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_RESTART_SYSCALL,
	unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_GETRANDOM, unix.SYS_SCHED_GETAFFINITY,
	unix.SYS_EXIT, unix.SYS_EXIT_GROUP, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_PRCTL,
	unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_CREATE1, unix.SYS_EVENTFD2,
}, ownCalls...)

// Offsets in the kernel's seccomp_data.
const (
	dataNumber  = 0
	dataArch    = 4
	dataFirst   = 16 // argument, its lower half
	threadFlags = unix.CLONE_THREAD | unix.CLONE_VM
)

// filterCalls lets this process, all of its threads, make no system calls but those it
// needs: others fail with EPERM. A kernel without seccomp is left as it is.
func filterCalls() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	filter := callFilter()
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	runtime.KeepAlive(filter)
	if errno != 0 && errno != unix.ENOSYS && errno != unix.EINVAL {
		return errno
	}
	if errno == 0 && thread != 0 {
		return fmt.Errorf("the thread %d can't be filtered", thread)
	}
	return nil
}

// callFilter is the program that the kernel runs for each system call.
func callFilter() []unix.SockFilter {
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	skipUnless := func(equal uint32, n uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: n, K: equal}
	}
	give := func(result uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: result}
	}
	refuse := give(unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM))
	f := []unix.SockFilter{
		load(dataArch), skipUnless(auditArch, 1),
		{Code: unix.BPF_JMP | unix.BPF_JA, K: 1},
		give(unix.SECCOMP_RET_KILL_PROCESS),
		load(dataNumber),
		skipUnless(unix.SYS_CLONE3, 1), give(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)), // callers take clone then
		skipUnless(unix.SYS_CLONE, 5), // threads, no processes
		load(dataFirst),
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: threadFlags},
		skipUnless(threadFlags, 1), give(unix.SECCOMP_RET_ALLOW), refuse,
		skipUnless(unix.SYS_TGKILL, 4), // Go signals its own threads
		load(dataFirst),
		skipUnless(uint32(os.Getpid()), 1), give(unix.SECCOMP_RET_ALLOW), refuse,
	}
	for _, call := range allowedCalls {
		f = append(f, skipUnless(call, 1), give(unix.SECCOMP_RET_ALLOW))
	}
	return append(f, refuse)
}
