//go:build !cgo && !(ci && no_glfw)

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "voiceapp-desktop: this build has no window: it was built without cgo; see examples/fyne/doc.go")
	os.Exit(1)
}
