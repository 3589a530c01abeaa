package plugin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// hostVariable has the test program be the host of a plugin that never starts.
const hostVariable = "VOICEAPP_PLUGIN_TEST_HOST"

func hostForEver() {
	_, err := Open(context.Background(), Config{
		Files: []string{filepath.Join("testdata", "hostile", "start.wasm")}, LoadDeadline: time.Hour,
	})
	fmt.Fprintln(os.Stderr, err)
}

func TestMain(m *testing.M) {
	Main()
	if os.Getenv(lockedVariable) != "" {
		tryAll()
		os.Exit(0)
	}
	if os.Getenv(hostVariable) != "" {
		hostForEver()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
