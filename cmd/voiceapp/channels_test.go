package main

import (
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

func TestChannelsAreChanged(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}
	const password = "correct horse battery"
	if _, errs, code := run(t, s.token+"\n"+password+"\n", append([]string{"claim", "--name", "anna", "--token-file", "-"}, at...)...); code != 0 {
		t.Fatal(errs)
	}
	owner := append([]string{"--user", "anna", "--password-file", secretFile(t, password+"\n")}, at...)
	do := func(want string, args ...string) {
		t.Helper()
		out, errs, code := run(t, "", append(append([]string{"channels"}, args...), owner...)...)
		if code != 0 || out != want {
			t.Errorf("channels %q: exit %d, %s\n%q, want\n%q", args, code, errs, out, want)
		}
	}
	refused := func(want string, args ...string) {
		t.Helper()
		if _, errs, code := run(t, "", append(append([]string{"channels"}, args...), owner...)...); code == 0 || !strings.Contains(errs, want) {
			t.Errorf("channels %q: exit %d, %q; want %q", args, code, errs, want)
		}
	}
	do("Go, 64 kbit/s: 9 by 9\n", "create", "Games/Go", "--topic", "9 by 9", "--speak-role", "member")
	refused("exists", "create", "games/go")
	refused(`there is no channel "Nowhere"`, "create", "Nowhere/Go")
	do("Weiqi, 24 kbit/s, 0 of 7 (for member and above)\n", "edit", "Games/Go", "--name", "Weiqi", "--topic", "", "--bitrate", "24000", "--max-users", "7", "--required-role", "member")
	do("Weiqi, 24 kbit/s, 0 of 7, the 3 loudest (for member and above)\n", "edit", "Games/Weiqi", "--loudest", "3", "--max-wait-ms", "-1")
	do("Weiqi, 24 kbit/s, 0 of 7 (for member and above)\n", "edit", "Games/Weiqi", "--loudest", "0")
	refused("the loudest", "edit", "Games/Weiqi", "--loudest", "-2")
	refused("say what is to change", "edit", "Games/Weiqi")
	refused("no role", "edit", "Games/Weiqi", "--see-role", "king")
	refused("not a whole number", "edit", "Games/Weiqi", "--bitrate", "many")
	do("Weiqi, 24 kbit/s, 0 of 7 (for member and above)\n", "move", "Games/Weiqi", "--to", "/", "--position", "1")
	do("Weiqi, 24 kbit/s, 0 of 7 (for member and above)\nLobby, 64 kbit/s\nGames, 64 kbit/s\n  Chess, 64 kbit/s\nStaff, 64 kbit/s (for moderator and above)\n")
	refused("conflict", "move", "Games", "--to", "Games/Chess")
	refused("conflict", "delete", "Games")
	do("", "delete", "Games", "--recursive", "--reason", "nobody plays")
	do("see    yes  seeing it needs the role guest; this is owner\njoin   yes  joining it needs the role member; this is owner\n"+
		"speak  yes  speaking in it needs the role member; this is owner\nwrite  yes  joining it needs the role member; this is owner\n", "explain", "Weiqi")
	refused("nobody here is called", "explain", "Weiqi", "--of", "bo")

	out, errs, code := run(t, "", append([]string{"channels", "explain", "Weiqi", "--user", "guest", "--json"}, at...)...)
	if join, _ := decode(t, out)["join"].(map[string]any); code != 0 || join["allowed"] != false || join["needs"] != 10.0 {
		t.Errorf("explain --json: exit %d, %q\n%s", code, errs, out)
	}
}

func TestChannelsJSONHasThePeople(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	at := []string{"--server", s.addr, "--fingerprint", s.fingerprint}
	key, err := voiceapp.ParseFingerprint(s.fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	ear, err := control.Dial(t.Context(), s.addr, control.ClientConfig{Name: "ear", Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer ear.Close()
	if _, err := ear.JoinPath(t.Context(), "Games/Chess"); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, "", append([]string{"channels", "--user", "eye", "--json"}, at...)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 4 {
		t.Fatalf("exit %d, %q\n%s", code, errs, out)
	}
	people, _ := decode(t, lines[2])["people"].([]any)
	if len(people) != 1 || people[0].(map[string]any)["name"] != "ear" {
		t.Errorf("in Chess there is %v", people)
	}
	if nobody, ok := decode(t, lines[0])["people"].([]any); !ok || len(nobody) != 0 {
		t.Errorf("in the lobby there is %v", nobody)
	}
	out, _, _ = run(t, "", append([]string{"channels", "explain", "Games/Chess", "--user", "eye", "--of", "ear"}, at...)...)
	if out != "" {
		t.Errorf("a guest was told about another: %q", out)
	}
}
