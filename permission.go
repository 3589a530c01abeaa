package voiceapp

// Permission says whether something is allowed, and why.
type Permission struct {
	Allowed bool   `json:"allowed"`
	Needs   Role   `json:"needs"`  // the lowest role that may
	Reason  string `json:"reason"` // for people

	// Detail says to machines why not, the first where there are several reasons:
	// RoleTooLow, ChannelFull, Muted, SelfMuted or UnderBan. "" where it is allowed.
	Detail Detail `json:"detail,omitempty"`
}

// Permissions is what someone may do in a channel, as its roles decide. That a
// channel is full, or someone muted, plays no part.
type Permissions struct {
	Channel ChannelID  `json:"channel"`
	Role    Role       `json:"role"` // the one that was asked about
	See     Permission `json:"see"`
	Join    Permission `json:"join"` // also to listen and to whisper into it
	Speak   Permission `json:"speak"`
	Write   Permission `json:"write"`
}

// Permissions returns what a role may do in the channel. Whoever may not see it
// may not join it, and whoever may not join it may neither speak in it nor write
// to it.
func (c Channel) Permissions(role Role) Permissions {
	see := Permission{}.and("seeing it", role, c.SeeRole)
	join := see.and("joining it", role, c.RequiredRole)
	return Permissions{
		Channel: c.ID,
		Role:    role,
		See:     see,
		Join:    join,
		Speak:   join.and("speaking in it", role, c.SpeakRole),
		Write:   join.and("writing to it", role, c.WriteRole),
	}
}

// and gives the stricter of a rule and one that has to hold before it.
func (p Permission) and(doing string, role, needs Role) Permission {
	if needs < p.Needs {
		return p
	}
	may := Permission{
		Allowed: role >= needs,
		Needs:   needs,
		Reason:  doing + " needs " + needs.the() + "; this is " + role.String(),
	}
	if !may.Allowed {
		may.Detail = RoleTooLow
	}
	return may
}
