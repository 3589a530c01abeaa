package relay

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestTableAgainstMap(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var tab table
	model := map[voiceapp.SessionID]*session{}
	for range 20_000 {
		id := pickID(r)
		if got := tab.get(id); got != model[id] {
			t.Fatalf("session %d: got %p, want %p", id, got, model[id])
		}
		if model[id] != nil {
			delete(model, id)
			tab.remove(id)
		} else {
			model[id] = &session{id: id}
			tab.put(model[id])
		}
	}
	found := map[voiceapp.SessionID]*session{}
	for s := range tab.all {
		found[s.id] = s
	}
	if !maps.Equal(found, model) {
		t.Errorf("all yields %d sessions of %d", len(found), len(model))
	}
	for id, want := range model {
		if got := tab.get(id); got != want {
			t.Fatalf("session %d: got %p, want %p", id, got, want)
		}
		tab.remove(id)
	}
	if !tab.root.empty() {
		t.Error("an empty table keeps its levels")
	}
}

// pickID gives neighbours, and ids that share only some of their bytes.
func pickID(r *rand.Rand) voiceapp.SessionID {
	id := voiceapp.SessionID(r.IntN(4))
	for range 3 {
		id = id<<8 | voiceapp.SessionID(r.IntN(3))*127
	}
	return id
}
