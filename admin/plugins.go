package admin

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/voiceapp-sdk/voiceapp"
)

func (s *Server) registerPlugins() {
	add(s, operation{
		id: "list-plugins", method: http.MethodGet, path: "/api/plugins", tag: "plugins", scope: "plugins:read", role: voiceapp.RoleAdmin,
		summary: "The plugins of the server, in the order in which they run",
	}, s.listPlugins)
}

func (s *Server) listPlugins(context.Context, *identity, *struct{}) (*body[page[voiceapp.PluginInfo]], error) {
	p := page[voiceapp.PluginInfo]{Items: []voiceapp.PluginInfo{}}
	if s.config.Plugins != nil {
		p.Items = append(p.Items, s.config.Plugins.Plugins()...)
	}
	return reply(p, nil)
}

// stateText is a state for the audit log.
func stateText(state any) string {
	text, err := json.Marshal(state)
	if err != nil {
		return ""
	}
	return string(text)
}
