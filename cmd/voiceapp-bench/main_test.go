package main

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp/plugin"
)

func TestMain(m *testing.M) {
	plugin.Main()
	goleak.VerifyTestMain(m)
}
