package ui

import (
	"slices"

	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/voice/device"
)

// deviceChoice is the choice of a device. Those that are plugged in and out meanwhile come
// and go; the chosen one stays chosen, whether it is there or not.
type deviceChoice struct {
	*widget.Select
	kind   device.Kind
	set    func(id string)
	chosen string            // of device.Info; "": the system's default
	ids    []string          // of the options
	names  map[string]string // of all that were there, by id
	gone   bool              // the chosen one is not there
}

func newDeviceChoice(kind device.Kind, chosen string, set func(id string)) *deviceChoice {
	c := &deviceChoice{Select: widget.NewSelect(nil, nil), kind: kind, set: set, chosen: chosen, names: make(map[string]string)}
	c.PlaceHolder = "…" // until it is known what there is
	if chosen == "" {
		c.offer(nil)
	}
	c.OnChanged = c.choose
	return c
}

// offer shows what there is at present.
func (c *deviceChoice) offer(all []device.Info) {
	ids, options := []string{""}, []string{lang.L("the system's default")}
	add := func(id, name string) {
		ids = append(ids, id)
		options = append(options, unlike(name, func(name string) bool { return slices.Contains(options, name) }))
	}
	for _, d := range all {
		if d.Kind == c.kind {
			c.names[d.ID] = plain(d.Name)
			add(d.ID, c.names[d.ID])
		}
	}
	if c.gone = !slices.Contains(ids, c.chosen); c.gone {
		add(c.chosen, c.missing())
	}
	if slices.Equal(ids, c.ids) && slices.Equal(options, c.Options) {
		return
	}
	c.ids, c.Options = ids, options
	c.show()
}

// missing is what the chosen device is called while it is not there.
func (c *deviceChoice) missing() string {
	if name := c.names[c.chosen]; name != "" {
		return lang.L("{{.Name}} (not connected)", map[string]any{"Name": name})
	}
	return lang.L("the chosen device (not connected)")
}

// show shows the chosen device as chosen.
func (c *deviceChoice) show() {
	c.Selected = c.Options[slices.Index(c.ids, c.chosen)]
	c.Refresh()
}

// choose takes what a person has chosen; a menu may have been open since before a device
// has gone.
func (c *deviceChoice) choose(option string) {
	at := slices.Index(c.Options, option)
	if at < 0 || c.ids[at] == c.chosen {
		c.show()
		return
	}
	c.chosen, c.gone = c.ids[at], false
	c.set(c.chosen)
}
