package replay_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/jitter/replay"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// A path takes 30 ms; of 250 packets one is lost, and none is late.
func Example() {
	var file strings.Builder
	fmt.Fprintln(&file, "send_ms,arrival_ms")
	for i := range 250 {
		if i == 100 {
			fmt.Fprintf(&file, "%d,\n", 20*i)
			continue
		}
		fmt.Fprintf(&file, "%d,%d\n", 20*i, 20*i+30)
	}
	trace, err := replay.ReadTrace(strings.NewReader(file.String()))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := replay.Run(trace, replay.Config{Speech: voicetest.Speech(5*time.Second, 1)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("lost %d, late %d, concealed %.1f %%, unheard %.1f %%\n", result.Lost, result.Late, 100*result.Concealed, 100*result.Unheard)
	// Output: lost 1, late 0, concealed 0.4 %, unheard 0.4 %
}
