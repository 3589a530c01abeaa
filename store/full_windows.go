package store

import "golang.org/x/sys/windows"

// fullErrors are the system's errors for a disk without room.
var fullErrors = []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED}
