package control

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
)

// member is one of a method's parameters that may not be left out.
type member struct {
	name  string
	field int
}

// requiredMembers returns those of a struct of parameters: all that are not marked
// omitempty or omitzero.
func requiredMembers(params reflect.Type) (required []member) {
	for i := range params.NumField() {
		name, options, _ := strings.Cut(params.Field(i).Tag.Get("json"), ",")
		if options != "omitempty" && options != "omitzero" {
			required = append(required, member{name, i})
		}
	}
	return required
}

// checkRequired reports, as [voiceapp.Invalid], the first member that was left out
// or is null. Only one whose decoded value is zero can be.
func checkRequired(required []member, params json.RawMessage, decoded reflect.Value) error {
	for _, m := range required {
		if decoded.Field(m.field).IsZero() && !hasMember(params, m.name) {
			return voiceapp.NewError(voiceapp.Invalid, "params: \""+m.name+"\" is missing")
		}
	}
	return nil
}

// hasMember reports whether an object has a member of that name that is not null.
// Names are compared as the decoder does.
func hasMember(object json.RawMessage, name string) bool {
	var members map[string]json.RawMessage
	if len(object) == 0 || json.Unmarshal(object, &members) != nil {
		return false
	}
	for key, value := range members {
		if strings.EqualFold(key, name) {
			return string(value) != "null"
		}
	}
	return false
}
