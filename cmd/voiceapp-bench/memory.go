package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// processMemory is the memory of a process, by its number or "self", in KiB: with its
// share of what it has in common with others, where the system tells. 0: it does not
// tell anything.
func processMemory(process string) int {
	if kib, ok := procField(filepath.Join("/proc", process, "smaps_rollup"), "Pss:"); ok {
		return kib
	}
	kib, _ := procField(filepath.Join("/proc", process, "status"), "VmRSS:")
	return kib
}

// childMemory is the memory of this process's children, likewise.
func childMemory() (kib int) {
	threads, _ := filepath.Glob("/proc/self/task/*/children")
	for _, t := range threads {
		children, _ := os.ReadFile(t)
		for _, child := range bytes.Fields(children) {
			kib += processMemory(string(child))
		}
	}
	return kib
}

// procField is the number in the line of a file under /proc that begins with a name.
func procField(path, name string) (int, bool) {
	text, _ := os.ReadFile(path)
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(name)); ok {
			number, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
			n, err := strconv.Atoi(string(number))
			return n, err == nil
		}
	}
	return 0, false
}
