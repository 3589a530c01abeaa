package ui

import (
	"embed"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

//go:embed icons/*.svg
var drawings embed.FS

var (
	iconMicrophone    = drawn("microphone")
	iconMicrophoneOff = drawn("microphone-off")
	iconHeadphones    = drawn("headphones")
	iconHeadphonesOff = drawn("headphones-off")
	iconLock          = drawn("lock")
	iconRoom          = drawn("room")
	iconWhisper       = drawn("whisper")
	iconStar          = drawn("star")
	iconRecord        = drawn("record")
)

// drawn returns one of the icons, in the colour of text.
func drawn(name string) *theme.ThemedResource {
	svg, err := drawings.ReadFile("icons/" + name + ".svg")
	if err != nil {
		panic(err) // it was built without it
	}
	return theme.NewThemedResource(fyne.NewStaticResource(name+".svg", svg))
}
