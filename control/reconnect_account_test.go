package control_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Whoever changes his password goes on with his session when the connection is
// lost, under the new name and by the new password later; no other session of his
// can be resumed.
func TestReconnectAfterChangeOfPasswordAndName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		_ = w.account("Anna", voiceapp.RoleMember).Close()
		config := w.config("Anna")
		config.Password = "correct horse"
		r, wire := w.returning(config)
		other, otherWire := w.returning(config)
		session := r.Client().Self().Session
		if err := r.SetPassword(t.Context(), "correct horse", "another horse"); err != nil {
			t.Fatal(err)
		}
		if user, err := r.Rename(t.Context(), "Änne"); err != nil || user.Name != "Änne" {
			t.Fatal(user, err)
		}
		wire.cut(false)
		if _, back := untilBack(t, r); !back.Resumed || r.Client().Self().Session != session || r.Client().Self().Name != "Änne" {
			t.Errorf("%+v as %+v", back, r.Client().Self())
		}
		otherWire.cut(false)
		<-other.Done()
		if !errors.Is(other.Err(), voiceapp.BadCredentials) {
			t.Errorf("the other session ended with %v", other.Err())
		}
		wire.cut(true)
		time.Sleep(24 * time.Hour)
		wire.plug()
		if _, back := untilBack(t, r); back.Resumed || r.Client().Self().Name != "Änne" {
			t.Errorf("a day later: %+v as %+v", back, r.Client().Self())
		}
	})
}
