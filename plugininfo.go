package voiceapp

// PluginCondition is how it goes with a plugin, for machines.
type PluginCondition string

// The conditions.
const (
	PluginRunning     PluginCondition = "running"
	PluginStopped     PluginCondition = "stopped"      // it is not enabled
	PluginUnused      PluginCondition = "unused"       // it is, and has nothing to do here
	PluginSwitchedOff PluginCondition = "switched_off" // it failed too often
	PluginBroken      PluginCondition = "broken"       // it can't be used
)

// PluginInfo is a plugin as those see it who run it.
type PluginInfo struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Author  string   `json:"author"`
	Hooks   []string `json:"hooks"` // such as "chat" and "audio"
	Enabled bool     `json:"enabled"`
	State   string   `json:"state"` // the condition for people, and why it is so
	Calls   uint64   `json:"calls"`
	Missed  uint64   `json:"missed"` // calls that took too long

	Condition PluginCondition `json:"condition"`

	// Seconds is how long all calls took together: by the clock on the wall, and with the
	// way to the plugin's process and back, so that it is no less than what they cost of a core.
	Seconds float64 `json:"seconds"`
}
