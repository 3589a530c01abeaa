package plugin

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

type pluginInfo = voiceapp.PluginInfo

// offender is a plugin of testdata/hostile.
type offender struct {
	name    string
	trusted bool // a plugin in this process is stopped as well; see Host.Trust
}

// Offenders by what becomes of them.
var (
	switchedOff = []offender{
		{"loop", true},
		{"chain", false},
		{"recursion", false},
		{"memory", true},
		{"trap", true},
		{"table", false},
		{"exit", true},
		{"flood", true},
		{"buffer", true},
		{"answer", true},
		{"invalid", true},
		{"huge", true},
		{"nested", true},
	}
	harmless   = []offender{{"samples", true}, {"keeps", true}}
	notStarted = []offender{{"start", true}, {"initialize", false}, {"gigabyte", true}}
)

// modes are those in which it is promised that it does no harm.
func (o offender) modes() []mode {
	if o.trusted {
		return []mode{inProcess, sandboxed}
	}
	return []mode{sandboxed}
}

// attempts is how many talks there are at most where limits of time are held: other
// programs on the machine may have been what was late.
const attempts = 3

// live has a talk with each offender, in each of its modes.
func live(t *testing.T, offenders []offender, test func(t *testing.T, k *talk, m mode)) {
	for _, o := range offenders {
		t.Run(o.name, func(t *testing.T) {
			for _, m := range o.modes() {
				t.Run(m.String(), func(t *testing.T) { liveIn(t, o, m, test) })
			}
		})
	}
}

func liveIn(t *testing.T, o offender, m mode, test func(t *testing.T, k *talk, m mode)) {
	alone := os.Getenv(limitsVariable) != ""
	limits := alone && m == sandboxed
	if !alone {
		t.Parallel()
	}
	for n := 1; ; n++ {
		k := newTalk(t, o.name, limits)
		test(t, k, m)
		k.check()
		if len(k.faults) == 0 {
			return
		}
		if !limits || n == attempts {
			t.Fatal(strings.Join(k.faults, "\n"))
		}
		t.Log("once more, after: " + strings.Join(k.faults, "\n"))
	}
}

// An offender is stopped, and switched off when it goes on; what is said and written
// comes through, and other plugins work.
func TestHostileIsSwitchedOff(t *testing.T) {
	live(t, switchedOff, func(t *testing.T, k *talk, m mode) {
		if err := k.enable(m); err != nil {
			t.Fatal(err)
		}
		hooks := k.info(k.offender).Hooks
		if hooks[0] == HookAudio {
			k.play(HookChatIncoming, true, k.out)
			k.report("audio", 0)
			if err := k.Restart(t.Context(), k.offender); err != nil {
				t.Fatal(err)
			}
		}
		k.play(HookChatOutgoing, false, k.out)
		k.report("chat", k.cfg.ChatDeadline)
		if !k.events.hears(EventSwitched) {
			k.fault("the user is not told")
		}
	})
}

// What a plugin leaves in its samples and its memory reaches nobody.
func TestHostileIsHarmless(t *testing.T) {
	live(t, harmless, func(t *testing.T, k *talk, m mode) {
		if err := k.enable(m); err != nil {
			t.Fatal(err)
		}
		k.play(HookChatOutgoing, true, func() bool { return k.lines.Load() > 10 })
		if info := k.info(k.offender); info.State != "running" || info.Calls < uint64(k.frames)*9/10 {
			k.fault("after %d frames: %+v", k.frames, info)
		}
		k.report("audio", 0)
	})
}

// What can't be started is not, and nothing waits for it.
func TestHostileIsNotStarted(t *testing.T) {
	live(t, notStarted, func(t *testing.T, k *talk, m mode) {
		enabled := make(chan error, 1)
		go func() { enabled <- k.enable(m) }()
		var err error
		k.play(HookChatOutgoing, true, func() bool {
			select {
			case err = <-enabled:
				return true
			default:
				return false
			}
		})
		if info := k.info(k.offender); voiceapp.AsError(err) == nil || info.Enabled || info.State == "running" {
			k.fault("%v, %+v", err, info)
		}
		k.report("start: "+err.Error(), 0)
	})
}

// Limits of time, of a sandbox. A call may take as long as its deadline before.
const (
	maxLate    = 5 * time.Millisecond
	maxStopped = 50 * time.Millisecond
)

// report prints what a part of the talk has measured, and forgets it.
func (k *talk) report(what string, deadline time.Duration) {
	k.t.Helper()
	stopped := k.stopped()
	k.noting.Lock()
	k.t.Logf("%s: the latest frame %v past its deadline; stopped within %v, %d times; its child had %d KiB",
		what, k.latest, stopped, len(k.strikes), k.memory)
	late := k.latest
	k.latest, k.begun, k.strikes, k.memory = 0, nil, nil, 0
	k.noting.Unlock()
	if k.limits && (late > maxLate || stopped > deadline+maxStopped) {
		k.fault("a frame may be late by %v, a plugin has to be stopped within %v", maxLate, deadline+maxStopped)
	}
}

// check looks at what came through, and at the others.
func (k *talk) check() {
	if k.unusable > 0 || k.halved < k.frames/2 {
		k.fault("of %d frames %d were changed by the other plugin, and %d can't be used: %+v", k.frames, k.halved, k.unusable, k.info("gain"))
	}
	if lines := k.lines.Load(); k.harmed.Load() > 0 || k.answered.Load() < lines/2 {
		k.fault("of %d lines %d were answered, and %d did not come through", lines, k.answered.Load(), k.harmed.Load())
	}
	for _, name := range []string{"gain", "bystander"} {
		if info := k.info(name); info.State != "running" {
			k.fault("%+v", info)
		}
	}
}
