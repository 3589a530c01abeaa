package sounds_test

import (
	"fmt"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sounds"
)

func ExampleNamed() {
	sound := sounds.Named("join")
	fmt.Println(len(sound)*1000/sounds.Rate, "ms")
	// Output: 230 ms
}
