//go:build !windows

package store

import "syscall"

// fullErrors are the system's errors for a disk without room.
var fullErrors = []error{syscall.ENOSPC, syscall.EDQUOT}
