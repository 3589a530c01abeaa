// Package bookmarks keeps what a client remembers of servers on its disk. At
// present that is [Pins]: the key of each server that was trusted once, so that
// another server in its place is noticed before a password is sent.
//
//	pins, err := bookmarks.OpenPins(filepath.Join(dir, "known_servers"))
//	if err != nil {
//		return err
//	}
//	client, err := control.Dial(ctx, "voice.example", control.ClientConfig{
//		Name:  "Anna",
//		Trust: pins.TrustFirstUse, // voiceapp.KeyChanged when the key is another now
//	})
package bookmarks
