package voiceapp

import (
	"fmt"
	"strconv"
	"strings"
)

// Role is an ordered rank: whoever has a role at or above the one required may.
// The numbers between the named ones are free for a server's own ranks.
type Role int

// The named roles.
const (
	RoleGuest     Role = 0
	RoleMember    Role = 10
	RoleModerator Role = 20
	RoleAdmin     Role = 30
	RoleOwner     Role = 40
)

var roleNames = map[Role]string{
	RoleGuest:     "guest",
	RoleMember:    "member",
	RoleModerator: "moderator",
	RoleAdmin:     "admin",
	RoleOwner:     "owner",
}

// String gives the role's name, or "role 15" for a rank between the named ones.
func (r Role) String() string {
	if name, ok := roleNames[r]; ok {
		return name
	}
	return "role " + strconv.Itoa(int(r))
}

// the names the role in a sentence: "the role member", "role 15".
func (r Role) the() string {
	if name, ok := roleNames[r]; ok {
		return "the role " + name
	}
	return r.String()
}

// Valid reports whether r is a rank that a user can have: [RoleGuest] to
// [RoleOwner].
func (r Role) Valid() bool { return r >= RoleGuest && r <= RoleOwner }

// MayActOn reports whether someone with the role r may act on someone with another:
// one acts on lower roles only, and owners on owners too. What a role may do at all
// is another question, and so is that somebody has to stay an owner.
func (r Role) MayActOn(other Role) bool { return r > other || r == RoleOwner }

// ParseRole reads a role's name, or its number. The error is [Invalid].
func ParseRole(s string) (Role, error) {
	word := strings.ToLower(strings.TrimSpace(s))
	for role, name := range roleNames {
		if word == name {
			return role, nil
		}
	}
	n, err := strconv.Atoi(strings.TrimPrefix(word, "role "))
	if err != nil || !Role(n).Valid() {
		return 0, NewError(Invalid, fmt.Sprintf("%q is no role: use guest, member, moderator, admin, owner or a number from 0 to 40", s))
	}
	return Role(n), nil
}
