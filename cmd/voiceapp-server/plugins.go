package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// openPlugins starts the plugins that are enabled.
func (s *settings) openPlugins(ctx context.Context, log *slog.Logger) (*plugin.Host, error) {
	dir := cmp.Or(s.Plugins, filepath.Join(s.Data, "plugins"))
	host, err := plugin.Open(ctx, plugin.Config{
		Dir: dir, Cache: filepath.Join(dir, ".cache"), Hooks: []string{plugin.HookChatServer}, Logger: log,
	})
	if err != nil {
		return nil, fmt.Errorf("--plugins: %w", err)
	}
	return host, nil
}

// chatFilter lets the plugins decide about what is written.
type chatFilter struct{ plugins *plugin.Host }

// FilterMessage implements [control.ChatFilter]. Direct messages are for those who
// write and get them, and for no plugin.
func (f *chatFilter) FilterMessage(ctx context.Context, m voiceapp.Message) (string, error) {
	if m.To != 0 || m.ToSession != 0 {
		return m.Text, nil
	}
	verdict, err := f.plugins.Chat(ctx, plugin.Line{
		Hook: plugin.HookChatServer, Text: m.Text, Name: m.Name, User: m.User, Channel: m.Channel,
	})
	switch {
	case err != nil:
		return "", err
	case verdict.Drop && len(verdict.Replies) > 0:
		return "", voiceapp.NewError(voiceapp.Forbidden, strings.Join(verdict.Replies, " "))
	case verdict.Drop:
		return "", voiceapp.NewError(voiceapp.Forbidden, "the server does not accept this message")
	}
	return verdict.Text, nil
}
