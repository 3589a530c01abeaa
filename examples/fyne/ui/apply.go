package ui

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// applySound brings the settings of the voice into force, those that there are once it is
// its turn: a device may take its time.
func (a *App) applySound() {
	talks := make([]*talk, 0, len(a.talks))
	for _, t := range a.talks {
		talks = append(talks, t)
	}
	a.beside.Go(func() {
		a.applying.Lock()
		defer a.applying.Unlock()
		a.cfg.Sound.Configure(a.soundConfig())
		for _, t := range talks {
			t.session.SetVoice(a.voice())
		}
	})
}

// soundConfig is what the settings say of the devices.
func (a *App) soundConfig() sound.Config {
	v := a.cfg.Settings.Get().Voice
	cfg := a.cfg.Sound.Config()
	cfg.Microphone, cfg.Loudspeaker = v.Microphone, v.Loudspeaker
	cfg.Mode, cfg.Threshold, cfg.Off = v.CaptureMode(), v.Threshold, v.Off()
	cfg.Volume = float32(v.Volume) / 100
	if host := a.host(); host != nil {
		cfg.Effect = host
	}
	return cfg
}

func (a *App) voice() session.Voice {
	v := a.cfg.Settings.Get().Voice
	least, most := v.DelayLimits()
	return session.Voice{Frame: v.Frame(), Delay: v.Delay(), MinDelay: least, MaxDelay: most, Normalize: v.Normalize}
}

// filter lets plugins decide about chat.
func (a *App) filter() session.Filter {
	return func(ctx context.Context, outgoing bool, m voiceapp.Message) (string, []string, bool, error) {
		host := a.host()
		if host == nil {
			return m.Text, nil, true, nil
		}
		hook := plugin.HookChatIncoming
		if outgoing {
			hook = plugin.HookChatOutgoing
		}
		verdict, err := host.Chat(ctx, plugin.Line{
			Hook: hook, Text: m.Text, Name: m.Name, User: m.User, Channel: m.Channel, Direct: m.To != 0 || m.ToSession != 0,
		})
		return verdict.Text, verdict.Replies, !verdict.Drop, err
	}
}
