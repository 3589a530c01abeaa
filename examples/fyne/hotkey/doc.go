// Package hotkey tells of keys that are pressed and released wherever the focus is: push-to-talk
// while a game has the screen. It needs neither cgo nor a window.
//
//	keys, err := hotkey.Open(ctx, hotkey.Config{AppID: "org.voiceapp.desktop"})
//	if err != nil {
//		return err // it says what to do instead
//	}
//	defer keys.Close()
//	f9, err := hotkey.ParseKey("F9")
//	...
//	err = keys.Bind(ctx, hotkey.Binding{Name: "talk", Description: "Push to talk", Key: f9, On: capture.SetPushed})
//	...
//	return keys.Run(ctx)
//
// # The ways
//
// There are two, and [Hotkeys.Way] says which one serves:
//
//   - [X11], where the session is one: by raw events of the X Input Extension (package xinput). It only
//     listens, so the key reaches the program that has the focus as well, and another
//     program may use the same key.
//   - [Portal], on Wayland: by org.freedesktop.portal.GlobalShortcuts of the desktop (KDE Plasma 5.27,
//     GNOME 48, Hyprland and newer). The desktop asks its user, who may choose another key;
//     [Hotkeys.Trigger] says which. Most desktops keep the key from other programs.
//
// A Wayland session's X server hears keys only while one of its own windows has the focus, so it
// is not used there. Where there is neither, [Open] fails and names what always works: to have the desktop
// run "voiceapp-desktop ptt on" and "ptt off" (package instance).
//
// # What is down
//
// A binding is down while its key and all of its modifiers are. Other modifiers don't matter:
// who runs with Shift in a game can talk by F9. A key that repeats is pressed once. While something
// is down the X server is asked every half second which keys still are (buttons of a mouse go by
// their events alone), and when a way is lost everything is released before [Hotkeys.Run] returns.
// The portal has nothing to ask: there a key is down until the desktop says otherwise or goes away.
//
// # Goroutines and locks
//
// No goroutine of its own: what is pressed is told by the one that called Run. The portal's connection has
// those of godbus, until Close. Where two locks nest, that of a way is taken before the board's.
package hotkey
