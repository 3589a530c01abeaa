//go:build !linux

package plugin

import (
	"os"
	"os/exec"
)

// executable is this program.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// childEnvironment is all of the environment that a child gets.
func childEnvironment() []string {
	return []string{"GOMAXPROCS=2", "GOTRACEBACK=none", "SystemRoot=" + os.Getenv("SystemRoot")}
}

// lockDown gives up nothing: on this system a child is a plain process, which can be
// killed.
func lockDown(int) error { return nil }

// limitMemory limits nothing on this system.
func limitMemory(int) error { return nil }

// lifeline is for systems whose children may have further files.
func lifeline(*exec.Cmd, *os.File) {}

// watchLifeline does nothing: a child ends when its pipe does, or with its next
// answer.
func watchLifeline() error { return nil }
