//go:build unix

package plugin

import "syscall"

func makeFIFO(path string) error { return syscall.Mkfifo(path, 0o600) }
