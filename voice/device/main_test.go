package device

import (
	"testing"

	"go.uber.org/goleak"
)

// Calls to a sound system that has died never return; what waits for them is left
// behind, and counted in Stats.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/voiceapp-sdk/voiceapp/voice/device.(*stream).give.func1"))
}
