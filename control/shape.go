package control

import "bytes"

const (
	maxDepth   = 16 // objects and arrays inside each other
	maxMembers = 64 // of one object
)

// shape walks a valid JSON text and looks only at its nesting and at the names of
// its members.
type shape struct {
	text  []byte
	at    int
	open  []nest
	names [][]byte // of all open objects, outermost first
}

type nest struct {
	object   bool
	nameNext bool // the next string is a member's name
	first    int  // index in names of the object's first
}

// check says what is wrong, or "".
func (s *shape) check() string {
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '{', '[':
			if len(s.open) == maxDepth {
				return "the line is nested too deeply"
			}
			object := s.text[s.at] == '{'
			s.open = append(s.open, nest{object: object, nameNext: object, first: len(s.names)})
		case '}', ']':
			s.names = s.names[:s.top().first]
			s.open = s.open[:len(s.open)-1]
		case ',':
			s.top().nameNext = s.top().object
		case '"':
			if fault := s.checkName(s.skipString()); fault != "" {
				return fault
			}
		}
	}
	return ""
}

func (s *shape) top() *nest { return &s.open[len(s.open)-1] }

// skipString moves to the quote that ends a string and returns what is between.
func (s *shape) skipString() []byte {
	begin := s.at + 1
	for s.at = begin; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	return s.text[begin:s.at]
}

// checkName looks at a string that may be a member's name. Names that differ only
// in case count as one, as they do for the decoder.
func (s *shape) checkName(name []byte) string {
	if len(s.open) == 0 || !s.top().nameNext {
		return ""
	}
	s.top().nameNext = false
	if bytes.IndexByte(name, '\\') >= 0 {
		return "the name of a member has an escape"
	}
	siblings := s.names[s.top().first:]
	if len(siblings) == maxMembers {
		return "an object has too many members"
	}
	for _, other := range siblings {
		if bytes.EqualFold(other, name) {
			return "an object has the same member twice"
		}
	}
	s.names = append(s.names, name)
	return ""
}
