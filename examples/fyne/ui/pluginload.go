package ui

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/voiceapp-sdk/voiceapp"
)

// loadEvery is over how long it is measured what plugins cost, at least.
const loadEvery = time.Second

// pluginLoad is what plugins cost. The zero value has measured nothing.
type pluginLoad struct {
	at   time.Time                      // of before
	was  map[string]voiceapp.PluginInfo // by name
	busy map[string]float64             // the share of the time since then; none: it is not known
}

// measure looks at the plugins once more. What they cost is told anew when it is known for loadEvery.
func (l *pluginLoad) measure(now time.Time, all []voiceapp.PluginInfo) {
	passed := now.Sub(l.at)
	if passed < loadEvery {
		return
	}
	was := l.was
	l.at, l.was, l.busy = now, make(map[string]voiceapp.PluginInfo), make(map[string]float64)
	for _, one := range all {
		l.was[one.Name] = one
		if before, ok := was[one.Name]; ok && one.Seconds >= before.Seconds {
			l.busy[one.Name] = min(1, (one.Seconds-before.Seconds)/passed.Seconds())
		}
	}
}

// figures says how a plugin keeps up, and what that costs.
func (l *pluginLoad) figures(one voiceapp.PluginInfo) string {
	if one.Calls == 0 {
		return ""
	}
	text := lang.L("{{.Calls}} calls, {{.Missed}} too late ({{.Share}})", map[string]any{
		"Calls": one.Calls, "Missed": one.Missed, "Share": percent(float64(one.Missed) / float64(one.Calls)),
	})
	text += " · " + lang.L("{{.Time}} a call", map[string]any{"Time": fmt.Sprintf("%.2f ms", 1000*one.Seconds/float64(one.Calls))})
	if busy, ok := l.busy[one.Name]; ok {
		text += " · " + lang.L("{{.Share}} of a core at most", map[string]any{"Share": percent(busy)})
	}
	return text
}
