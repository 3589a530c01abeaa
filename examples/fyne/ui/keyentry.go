package ui

import (
	"cmp"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// keyEntry takes the next key that is pressed, with the modifiers that are held then.
type keyEntry struct {
	widget.Button
	key    string
	set    func(string)
	window fyne.Shortcutable // whose keys work while none is taken
	wait   bool
	held   []string     // modifiers, as people call them
	alone  fyne.KeyName // a modifier that is held and nothing else was pressed with it
	last   fyne.KeyName // the key that was pressed last and is no modifier
}

func newKeyEntry(key string, window fyne.Shortcutable, set func(string)) *keyEntry {
	e := &keyEntry{key: key, set: set, window: window}
	e.ExtendBaseWidget(e)
	e.OnTapped = func() {
		e.await(!e.wait)
		if e.wait {
			fyne.CurrentApp().Driver().CanvasForObject(e).Focus(e)
		}
	}
	e.label()
	return e
}

// await begins to wait for a key, or gives it up.
func (e *keyEntry) await(on bool) {
	e.wait, e.held, e.alone, e.last = on, nil, "", ""
	e.label()
}

func (e *keyEntry) label() {
	switch {
	case e.wait:
		e.SetText(lang.L("Press a key; Backspace: none"))
	case e.key == "":
		e.SetText(lang.L("none"))
	default:
		e.SetText(e.key)
	}
}

// FocusLost implements fyne.Focusable.
func (e *keyEntry) FocusLost() {
	e.await(false)
	e.Button.FocusLost()
}

// modifiers are the names of keys that are held with others, as Fyne and as people call them.
var modifiers = map[fyne.KeyName]string{
	"LeftControl": "Ctrl", "RightControl": "Ctrl", "LeftAlt": "Alt", "RightAlt": "Alt",
	"LeftShift": "Shift", "RightShift": "Shift", "LeftSuper": "Super", "RightSuper": "Super",
}

// KeyDown implements desktop.Keyable.
func (e *keyEntry) KeyDown(event *fyne.KeyEvent) {
	mod := modifiers[event.Name]
	if mod == "" {
		e.alone, e.last = "", event.Name
		return
	}
	e.alone = ""
	if len(e.held) == 0 {
		e.alone = event.Name
	}
	if !slices.Contains(e.held, mod) {
		e.held = append(e.held, mod)
	}
}

// KeyUp implements desktop.Keyable: a modifier that was pressed alone is a key, too.
func (e *keyEntry) KeyUp(event *fyne.KeyEvent) {
	mod := modifiers[event.Name]
	e.held = slices.DeleteFunc(e.held, func(one string) bool { return one == mod })
	if e.wait && mod != "" && event.Name == e.alone {
		e.take(string(event.Name))
	}
}

// TypedShortcut implements fyne.Shortcutable: Fyne makes one of a key with Ctrl, Alt or
// Super, under the name of what it does, such as to paste.
func (e *keyEntry) TypedShortcut(s fyne.Shortcut) {
	if !e.wait {
		e.window.TypedShortcut(s)
		return
	}
	if keys, ok := s.(fyne.KeyboardShortcut); ok {
		e.takeWith(cmp.Or(e.last, keys.Key()))
	}
}

// TypedKey implements fyne.Focusable.
func (e *keyEntry) TypedKey(event *fyne.KeyEvent) {
	switch {
	case !e.wait:
		e.Button.TypedKey(event)
	case event.Name == fyne.KeyBackspace:
		e.take("")
	case modifiers[event.Name] == "":
		e.takeWith(event.Name)
	}
}

// takeWith takes a key with the modifiers that are held.
func (e *keyEntry) takeWith(key fyne.KeyName) {
	if key != fyne.KeyUnknown {
		e.take(strings.Join(append(e.held, string(key)), "+"))
	}
}

func (e *keyEntry) take(key string) {
	e.key = key
	e.await(false)
	e.set(key)
}
