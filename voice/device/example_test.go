package device_test

import (
	"fmt"

	"github.com/voiceapp-sdk/voiceapp/voice/device"
)

func ExampleList() {
	devices, err := device.List()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range devices {
		fmt.Println(d.Kind, d.Name)
	}
}
