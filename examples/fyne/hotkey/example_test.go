package hotkey_test

import (
	"context"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
)

// Push-to-talk at F9, wherever the focus is.
func Example() {
	ctx := context.Background()
	keys, err := hotkey.Open(ctx, hotkey.Config{AppID: "org.voiceapp.desktop"})
	if err != nil {
		fmt.Println(err) // it says what to do instead
		return
	}
	defer keys.Close()
	f9, err := hotkey.ParseKey("F9")
	if err != nil {
		fmt.Println(err)
		return
	}
	talk := func(down bool) { fmt.Println("the gate is open:", down) }
	if err := keys.Bind(ctx, hotkey.Binding{Name: "talk", Description: "Push to talk", Key: f9, On: talk}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("press", keys.Trigger("talk"))
	fmt.Println(keys.Run(ctx))
}

func ExampleParseKey() {
	for _, text := range []string{"control+alt+space", "rightcontrol", "Prior", "ctrl+alt"} {
		key, err := hotkey.ParseKey(text)
		fmt.Println(key, err)
	}
	// Output:
	// Ctrl+Alt+Space <nil>
	// RightCtrl <nil>
	// PageUp <nil>
	//  "alt" stands before another key; alone it is the left one or the right one, such as RightCtrl
}
