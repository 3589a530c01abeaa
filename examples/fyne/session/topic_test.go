package session

import (
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// A message belongs to the same conversation whoever of the two wrote it.
func TestTopicOf(t *testing.T) {
	self := voiceapp.Presence{Session: 5, User: 50}
	for name, c := range map[string]struct {
		m    voiceapp.Message
		want Topic
	}{
		"to a channel":             {voiceapp.Message{Channel: 7, User: 60}, "channel:7"},
		"to everyone":              {voiceapp.Message{User: 60}, ServerTopic},
		"from an account":          {voiceapp.Message{User: 60, Session: 6, To: 50}, "user:60"},
		"to an account":            {voiceapp.Message{User: 50, Session: 5, To: 60}, "user:60"},
		"to oneself":               {voiceapp.Message{User: 50, Session: 5, To: 50}, "user:50"},
		"to a guest":               {voiceapp.Message{User: 50, Session: 5, ToSession: 9}, "session:9"},
		"of one's other device":    {voiceapp.Message{User: 50, Session: 4, To: 60}, "user:60"},
		"from an account, by name": {voiceapp.Message{User: 60, Session: 6, ToSession: 5}, "user:60"},
	} {
		s := &Session{}
		if got := s.topicOf(self, c.m, ownMessage(self, c.m)); got != c.want {
			t.Errorf("%s: %s, and not %s", name, got, c.want)
		}
		if to := c.want.Target(); to.Check() != nil || to == (voiceapp.ChatTarget{}) {
			t.Errorf("%s: nobody can answer: %+v", name, to)
		}
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		part, partWas, whole, wholeWas uint64
		want                           float64
	}{
		{10, 5, 100, 50, 0.1},
		{5, 5, 50, 50, 0},   // nothing happened
		{2, 9, 10, 100, 0},  // counting began anew
		{90, 0, 100, 50, 1}, // never more than all
	} {
		if got := share(c.part, c.partWas, c.whole, c.wholeWas); got != c.want {
			t.Errorf("share(%d, %d, %d, %d) = %g, and not %g", c.part, c.partWas, c.whole, c.wholeWas, got, c.want)
		}
	}
}
