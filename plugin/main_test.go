package plugin

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	Main()
	if os.Getenv(lockedVariable) != "" {
		tryAll()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
