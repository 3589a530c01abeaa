package voiceapp

// ChannelInfo is a channel as those see it who run the server.
type ChannelInfo struct {
	Channel
	People int `json:"people"` // who are in it
}
