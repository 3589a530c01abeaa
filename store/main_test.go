package store

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
)

// helperVariable makes the test binary run one of helpers in place of the tests:
// a process that a test can kill.
const helperVariable = "VOICEAPP_STORE_TEST_HELPER"

var helpers = map[string]func(path string) error{
	"create-users": createUsersForever,
	"migrate":      migrateByHalves,
	"upgrade":      upgradeFrom1,
}

func TestMain(m *testing.M) {
	if name := os.Getenv(helperVariable); name != "" {
		if err := helpers[name](os.Args[1]); err != nil {
			println(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// quiet are the options of tests that ask for nothing else.
var quiet = Options{Log: slog.New(slog.DiscardHandler)}

const someHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"

// newPath names a database file that does not exist yet.
func newPath(t testing.TB) string {
	return filepath.Join(t.TempDir(), "voiceapp.db")
}

// openTest opens a database and closes it when the test ends.
func openTest(t testing.TB, path string, options Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// lobby makes the channels that the tests ask about.
func lobby(t testing.TB, s *Store) voiceapp.Channel {
	t.Helper()
	channel, err := s.CreateChannel(t.Context(), voiceapp.Channel{Name: "Lobby"})
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

func member(t testing.TB, s *Store, name string) voiceapp.User {
	t.Helper()
	user, err := s.CreateUser(t.Context(), name, someHash, voiceapp.RoleMember)
	if err != nil {
		t.Fatal(err)
	}
	return user
}

// checkDatabase fails when the file is damaged.
func checkDatabase(t testing.TB, s *Store) {
	t.Helper()
	if err := s.read(t.Context(), (*conn).checkIntegrity); err != nil {
		t.Error(err)
	}
}

func fileSize(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
