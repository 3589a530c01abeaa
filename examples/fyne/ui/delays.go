package ui

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
)

// delays is the choice of how long what comes waits for what is late: always as long, or as
// the network needs, within limits.
func (p *voicePage) delays(v settings.Voice) []*widget.FormItem {
	set := func(change func(*settings.Voice)) settings.Voice {
		p.set(change)
		return p.app.cfg.Settings.Get().Voice
	}
	fixed := newMillisChoice(lang.L("follows the network"), 40, 80, 150, 300)
	least := newMillisChoice(lang.L("automatic"), 20, 40, 60, 80, 100, 150, 200, 300, 500)
	most := newMillisChoice(lang.L("no limit"), least.values[1:]...)
	show := func(v settings.Voice) {
		fixed.show(v.DelayMillis)
		least.show(v.LeastDelayMillis)
		most.show(v.MostDelayMillis)
		for _, limit := range []*millisChoice{least, most} {
			if v.DelayMillis > 0 {
				limit.Disable()
			} else {
				limit.Enable()
			}
		}
	}
	show(v)
	fixed.set = func(ms int) { show(set(func(v *settings.Voice) { v.DelayMillis = ms })) }
	// A limit that passes the other takes it along.
	least.set = func(ms int) {
		show(set(func(v *settings.Voice) {
			v.LeastDelayMillis = ms
			if v.MostDelayMillis > 0 {
				v.MostDelayMillis = max(v.MostDelayMillis, ms)
			}
		}))
	}
	most.set = func(ms int) {
		show(set(func(v *settings.Voice) {
			v.MostDelayMillis = ms
			if ms > 0 {
				v.LeastDelayMillis = min(v.LeastDelayMillis, ms)
			}
		}))
	}
	limits := container.NewGridWithColumns(2,
		container.NewBorder(nil, nil, widget.NewLabel(lang.L("at least")), nil, least.Select),
		container.NewBorder(nil, nil, widget.NewLabel(lang.L("at most")), nil, most.Select))
	return []*widget.FormItem{
		row(lang.L("Jitter buffer"), lang.L("how long what comes waits for what is late"), fixed.Select),
		row(lang.L("Limits"), lang.L("while it follows the network; what would be heard later is left out"), limits),
	}
}

// millisChoice is a choice of times in ms, 0 among them.
type millisChoice struct {
	*widget.Select
	values []int        // of the options, in order; the first is 0
	set    func(ms int) // is told what a person chooses
}

// newMillisChoice is one with these values; zero is what none is called.
func newMillisChoice(zero string, values ...int) *millisChoice {
	c := &millisChoice{Select: widget.NewSelect([]string{zero}, nil), values: []int{0}}
	for _, ms := range values {
		c.offer(ms)
	}
	c.OnChanged = func(string) { c.set(c.values[c.SelectedIndex()]) }
	return c
}

// offer returns where a value is among the options, and adds one that is not.
func (c *millisChoice) offer(ms int) (at int) {
	at, known := slices.BinarySearch(c.values, ms)
	if !known {
		c.values = slices.Insert(c.values, at, ms)
		c.Options = slices.Insert(c.Options, at, fmt.Sprintf("%d ms", ms))
	}
	return at
}

// show shows what is chosen; a value that was set by hand is one more option.
func (c *millisChoice) show(ms int) {
	at := c.offer(ms)
	c.Selected = c.Options[at]
	c.Refresh()
}
