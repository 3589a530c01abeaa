package voiceapp

// The range of a channel's bitrate, in bits a second of Opus payload.
const (
	MinBitrate     = 6_000
	MaxBitrate     = 510_000
	DefaultBitrate = 64_000
)

// The most that a channel's Loudest and MaxWait can be.
const (
	MaxLoudest     = 1000
	MaxChannelWait = 20 // milliseconds
)

// MaxChannelUsers is the most that a channel's MaxUsers can be.
const MaxChannelUsers = 10_000

// Channel is a room of the tree.
type Channel struct {
	ID           ChannelID `json:"id"`
	Name         string    `json:"name"`
	Topic        string    `json:"topic"`
	Parent       ChannelID `json:"parent"`        // 0 for a top-level channel
	Position     int       `json:"position"`      // among its siblings, ascending; there may be gaps
	RequiredRole Role      `json:"required_role"` // the lowest role that may join
	SpeakRole    Role      `json:"speak_role"`    // the lowest that is heard in it
	WriteRole    Role      `json:"write_role"`    // the lowest that may write to it
	SeeRole      Role      `json:"see_role"`      // the lowest to which it exists; at least that of its parent
	MaxUsers     int       `json:"max_users"`     // most sessions in it at once; 0: no limit
	Bitrate      int       `json:"bitrate"`       // most bits a second of Opus payload for one speaker
	Loudest      int       `json:"loudest"`       // most who are heard at once, the loudest; 0: as the server says, -1: all
	MaxWait      int       `json:"max_wait_ms"`   // how long a frame waits for others where many talk; 0: as the server says, -1: never
	Temporary    bool      `json:"temporary"`     // vanishes when the last one leaves
}

// ChannelEdit says what of a channel is to be something else. What is nil stays; the
// zero value changes nothing.
type ChannelEdit struct {
	Name         *string `json:"name,omitempty"`
	Topic        *string `json:"topic,omitempty"`
	RequiredRole *Role   `json:"required_role,omitempty"`
	SpeakRole    *Role   `json:"speak_role,omitempty"`
	WriteRole    *Role   `json:"write_role,omitempty"`
	SeeRole      *Role   `json:"see_role,omitempty"`
	MaxUsers     *int    `json:"max_users,omitempty"`
	Bitrate      *int    `json:"bitrate,omitempty"` // 0: DefaultBitrate
	Loudest      *int    `json:"loudest,omitempty"`
	MaxWait      *int    `json:"max_wait_ms,omitempty"`
	Temporary    *bool   `json:"temporary,omitempty"`
}

// Of returns the channel as it is after the edit. Nothing is checked.
func (e ChannelEdit) Of(c Channel) Channel {
	c.Name = or(e.Name, c.Name)
	c.Topic = or(e.Topic, c.Topic)
	c.RequiredRole = or(e.RequiredRole, c.RequiredRole)
	c.SpeakRole = or(e.SpeakRole, c.SpeakRole)
	c.WriteRole = or(e.WriteRole, c.WriteRole)
	c.SeeRole = or(e.SeeRole, c.SeeRole)
	c.MaxUsers = or(e.MaxUsers, c.MaxUsers)
	c.Bitrate = or(e.Bitrate, c.Bitrate)
	c.Loudest = or(e.Loudest, c.Loudest)
	c.MaxWait = or(e.MaxWait, c.MaxWait)
	c.Temporary = or(e.Temporary, c.Temporary)
	return c
}

// or gives what is pointed to, or another value for nil.
func or[T any](p *T, other T) T {
	if p == nil {
		return other
	}
	return *p
}

// FindPath returns the channel that a path such as "Lobby/Quiet" names, walking
// down from the top level. Names are compared as [FoldName] folds them; empty
// parts are skipped. The error is [NotFound] and names the part that is missing.
func FindPath(channels []Channel, path string) (Channel, error) {
	var at Channel
	for part := range pathParts(path) {
		next, ok := childNamed(channels, at.ID, part)
		if !ok {
			return Channel{}, NewError(NotFound, "there is no channel "+quote(part)+" in "+quote(path)).With(NoChannel).Of(part)
		}
		at = next
	}
	if at.ID == 0 {
		return Channel{}, NewError(Invalid, "the channel's path is empty")
	}
	return at, nil
}

func childNamed(channels []Channel, parent ChannelID, name string) (Channel, bool) {
	want := FoldName(name)
	for _, c := range channels {
		if c.Parent == parent && FoldName(c.Name) == want {
			return c, true
		}
	}
	return Channel{}, false
}
