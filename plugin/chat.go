package plugin

import (
	"context"
	"fmt"
)

// Chat lets the plugins that have line's hook decide about it, in the user's order.
// A plugin that fails, or takes longer than its deadline, is passed over, or drops the
// line where its manifest says so. The error is ctx's.
func (h *Host) Chat(ctx context.Context, line Line) (Verdict, error) {
	v := Verdict{Text: line.Text}
	for _, p := range h.chatting(line.Hook) {
		if err := ctx.Err(); err != nil {
			return v, err
		}
		line.Text = v.Text
		a, err := h.decide(ctx, p, line)
		switch {
		case err == nil:
			v.take(a, p.name)
		case p.silences && ctx.Err() == nil:
			v.Drop, v.By = true, p.name
			v.Replies = append(v.Replies, fmt.Sprintf("The plugin %s did not deal with the line, so it was not sent.", p.name))
		}
		if v.Drop {
			return v, nil
		}
	}
	return v, ctx.Err()
}

// decide asks a plugin about a line. The plugin may still read its copy of the line
// after that, when it was too late.
func (h *Host) decide(ctx context.Context, p chatter, line Line) (answerText, error) {
	if p.worker == nil {
		return answerText{}, errSwitchedOff
	}
	answers := make(chan answerText, 1)
	err := p.worker.do(ctx, h.cfg.ChatDeadline, func(b backend) error {
		a, err := ask(b, line)
		answers <- a
		return err
	})
	if err != nil {
		return answerText{}, err
	}
	return <-answers, nil
}

// take applies a plugin's answer.
func (v *Verdict) take(a answerText, plugin string) {
	if a.Text != nil {
		v.Text = *a.Text
	}
	if a.Reply != nil {
		v.Replies = append(v.Replies, *a.Reply)
	}
	if a.Drop {
		v.Drop, v.By = true, plugin
	}
}

// chatter is a plugin with a chat hook, as it is at the moment.
type chatter struct {
	name     string
	worker   *worker
	silences bool
}

func (h *Host) chatting(hook string) (list []chatter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.entries {
		if e.Enabled && e.file != nil && e.file.Manifest.Has(hook) {
			list = append(list, chatter{e.Name, e.worker, e.Silences})
		}
	}
	return list
}
