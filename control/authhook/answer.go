package authhook

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/voiceapp-sdk/voiceapp"
)

// MaxRole is the highest role that an answer can give: whoever holds the other
// program does not hold the server.
const MaxRole = voiceapp.RoleAdmin - 1

// maxKey is the most bytes of an id in an answer.
const maxKey = 200

// answer is what the other program says of a user.
type answer struct {
	ID   identifier `json:"id"`
	Name string     `json:"name"`
	Role *rank      `json:"role"`
}

// identifier is a text or a whole number; "" is none.
type identifier string

// UnmarshalJSON reads either.
func (i *identifier) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, (*string)(i))
	}
	if string(text) == "null" {
		return nil
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	*i = identifier(strconv.FormatInt(n, 10))
	return err
}

// rank is a role by its name or its number.
type rank voiceapp.Role

// UnmarshalJSON reads either. A number above an owner's is one that a program with
// other ranks might give.
func (r *rank) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		var word string
		if err := json.Unmarshal(text, &word); err != nil {
			return err
		}
		role, err := voiceapp.ParseRole(word)
		*r = rank(role)
		return err
	}
	return json.Unmarshal(text, (*int)(r))
}

// parseAnswer reads the body of an answer. The error is [voiceapp.Unavailable].
func parseAnswer(body []byte) (answer, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return answer{}, unusable("the authenticator's answer is not understood", err)
	}
	if err := a.check(); err != nil {
		return answer{}, unusable("the authenticator's answer is of no use", err)
	}
	return a, nil
}

func (a answer) check() error {
	switch {
	case a.Role == nil:
		return errors.New("it has no role")
	case *a.Role < 0:
		return errors.New("its role is below a guest's")
	case len(a.ID) > maxKey:
		return errors.New("its id is too long")
	}
	return voiceapp.CheckName(a.Name)
}

// key is what the account is known by.
func (a answer) key() string {
	if a.ID != "" {
		return "id:" + string(a.ID)
	}
	return "name:" + voiceapp.FoldName(a.Name)
}

func (a answer) role() voiceapp.Role { return min(voiceapp.Role(*a.Role), MaxRole) }
