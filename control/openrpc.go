package control

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// OpenRPC returns the description of the protocol in the form of OpenRPC 1.3
// (https://spec.open-rpc.org), as JSON made of the types that the server decodes
// and encodes. What the server sends by itself is under "x-events", the codes of
// errors under "x-error-codes". PROTOCOL.md says what all of it means.
func OpenRPC() []byte {
	s := schemas{}
	doc := rpcDocument{
		OpenRPC: "1.3.2",
		Info: rpcInfo{
			Title: "voiceapp control", Version: "1",
			Description: "JSON-RPC 2.0 over TLS 1.3, one message a line. PROTOCOL.md says what the messages mean, what limits there are and who may do what.",
		},
	}
	for _, name := range sortedKeys(documented) {
		doc.Methods = append(doc.Methods, s.method(name, documented[name]))
	}
	for _, name := range sortedKeys(documentedEvents) {
		e := documentedEvents[name]
		doc.Events = append(doc.Events, rpcEvent{Name: name, Summary: e.summary, Params: s.of(reflect.TypeOf(e.params))})
	}
	doc.ErrorCodes = errorCodes
	doc.Components.Schemas = s
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic(err) // all of it has JSON
	}
	return append(text, '\n')
}

type rpcDocument struct {
	OpenRPC    string          `json:"openrpc"`
	Info       rpcInfo         `json:"info"`
	Methods    []rpcMethod     `json:"methods"`
	Events     []rpcEvent      `json:"x-events"`
	ErrorCodes []voiceapp.Code `json:"x-error-codes"`
	Components struct {
		Schemas schemas `json:"schemas"`
	} `json:"components"`
}

type rpcInfo struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

type rpcMethod struct {
	Name           string     `json:"name"`
	Summary        string     `json:"summary"`
	ParamStructure string     `json:"paramStructure"`
	Params         []rpcParam `json:"params"`
	Result         rpcParam   `json:"result"`
	When           string     `json:"x-when"`
}

type rpcParam struct {
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
	Schema   schema `json:"schema"`
}

type rpcEvent struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
	Params  schema `json:"params"`
}

// schema is a JSON Schema (draft 7).
type schema map[string]any

// schemas are those that have a name and are referred to.
type schemas map[string]schema

func (s schemas) method(name string, d documentation) rpcMethod {
	m := rpcMethod{
		Name: name, Summary: d.summary, ParamStructure: "by-name", Params: []rpcParam{},
		Result: rpcParam{Name: "result", Schema: s.of(reflect.TypeOf(d.result))},
		When:   whenNames[methods[name].when],
	}
	for _, f := range membersOf(methods[name].params) {
		m.Params = append(m.Params, rpcParam{Name: f.name, Required: f.required, Schema: s.of(f.typ)})
	}
	return m
}

var whenNames = map[when]string{whenever: "any", beforeLogin: "connected", afterLogin: "open"}

// jsonMember is one member of a struct as JSON has it.
type jsonMember struct {
	name     string
	required bool
	typ      reflect.Type
}

// membersOf gives the members of a struct, those of embedded ones as its own.
func membersOf(t reflect.Type) (members []jsonMember) {
	for f := range t.Fields() {
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && tag == "":
			members = append(members, membersOf(f.Type)...)
		case tag != "-" && f.IsExported():
			members = append(members, jsonMember{tag, !strings.HasPrefix(options, "omit"), f.Type})
		}
	}
	return members
}

// plain are the types that are not what their kind says.
var plain = map[reflect.Type]schema{
	reflect.TypeFor[time.Time]():       {"type": "string", "format": "date-time"},
	reflect.TypeFor[json.RawMessage](): {},
	reflect.TypeFor[wireKey]():         {"type": "string", "contentEncoding": "base64"},
	reflect.TypeFor[[]byte]():          {"type": "string", "contentEncoding": "base64"},
	reflect.TypeFor[voiceapp.Role]():   {"type": "integer", "minimum": 0, "maximum": 40},
}

// of gives the schema of a type, a reference for a struct that has a name.
func (s schemas) of(t reflect.Type) schema {
	if known, ok := plain[t]; ok {
		return known
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schema{"oneOf": []schema{s.of(t.Elem()), {"type": "null"}}}
	case reflect.Slice, reflect.Array:
		return schema{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		return s.object(t)
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return schema{"type": "number"}
	default:
		return schema{"type": "integer"}
	}
}

func (s schemas) object(t reflect.Type) schema {
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	reference := schema{"$ref": "#/components/schemas/" + name}
	if _, done := s[name]; done {
		return reference
	}
	properties, required := map[string]schema{}, []string{}
	object := schema{"type": "object", "properties": properties}
	s[name] = object
	for _, f := range membersOf(t) {
		properties[f.name] = s.of(f.typ)
		if f.required {
			required = append(required, f.name)
		}
	}
	if len(required) > 0 {
		object["required"] = required
	}
	return reference
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
