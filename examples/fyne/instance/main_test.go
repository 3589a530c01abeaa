package instance

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain is also a client that waits to be killed, for TestKilled.
func TestMain(m *testing.M) {
	if dir := os.Getenv("VOICEAPP_TEST_INSTANCE"); dir != "" {
		one, err := Start(dir)
		if err != nil {
			os.Exit(1)
		}
		fmt.Println("started")
		time.Sleep(time.Minute)
		fmt.Println(one)
	}
	goleak.VerifyTestMain(m)
}
