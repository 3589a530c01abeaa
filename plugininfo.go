package voiceapp

// PluginInfo is a plugin as those see it who run it.
type PluginInfo struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Author  string   `json:"author"`
	Hooks   []string `json:"hooks"` // such as "chat" and "audio"
	Enabled bool     `json:"enabled"`
	State   string   `json:"state"` // "running", "stopped", or why it was switched off
	Calls   uint64   `json:"calls"`
	Missed  uint64   `json:"missed"` // calls that took too long

	// Seconds is how long all calls took together: by the clock on the wall, and with the
	// way to the plugin's process and back, so that it is no less than what they cost of a core.
	Seconds float64 `json:"seconds"`
}
