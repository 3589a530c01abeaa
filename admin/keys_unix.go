//go:build unix

package admin

import "io/fs"

// loose reports whether others than its owner may read a file.
func loose(mode fs.FileMode) bool { return mode.Perm()&0o077 != 0 }
