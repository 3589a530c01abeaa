package apiclient_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.org/apiclient"
)

// serve builds and starts the real server, and returns where its admin API is and a
// token of its operator.
func serve(t *testing.T) (url, token string) {
	t.Helper()
	dir := t.TempDir()
	program, data := filepath.Join(dir, "voiceapp-server"), filepath.Join(dir, "data")
	build := exec.Command("go", "build", "-o", program, "./cmd/voiceapp-server")
	build.Dir, build.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := exec.Command(program, "--data", data, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		if err := server.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	ready, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	admin := regexp.MustCompile(`admin=(\S+)`).FindStringSubmatch(ready)
	if admin == nil {
		t.Fatalf("the server says %q", ready)
	}
	text, err := exec.Command(program, "admin-token", "--data", data).Output()
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + admin[1], strings.TrimSpace(string(text))
}

// What the document promises is what the server does.
func TestTheDocumentIsTrue(t *testing.T) {
	url, operator := serve(t)
	ctx := t.Context()
	as := func(token string) *apiclient.ClientWithResponses {
		t.Helper()
		c, err := apiclient.NewClientWithResponses(url, apiclient.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	want := func(what string, got, status int, body []byte, err error) {
		t.Helper()
		if err != nil || got != status {
			t.Fatalf("%s: %d %s, %v; want %d", what, got, body, err, status)
		}
	}
	api := as(operator)

	password, role := "a long password", int64(40)
	user, err := api.CreateUserWithResponse(ctx, nil, apiclient.CreateUserJSONRequestBody{Name: "Olivia", Password: &password, Role: &role})
	want("create a user", user.StatusCode(), http.StatusCreated, user.Body, err)
	login, err := as("").LoginWithResponse(ctx, apiclient.LoginJSONRequestBody{Name: "Olivia", Password: password})
	want("log in", login.StatusCode(), http.StatusOK, login.Body, err)
	api = as(login.JSON200.Token)
	me, err := api.GetMeWithResponse(ctx)
	want("who am I", me.StatusCode(), http.StatusOK, me.Body, err)
	if me.JSON200.User.Name != "Olivia" || me.JSON200.RoleName != "owner" {
		t.Errorf("I am %+v", me.JSON200)
	}

	bitrate := int64(24_000)
	made, err := api.ChannelCreateWithResponse(ctx, nil, apiclient.ChannelCreateJSONRequestBody{Name: "Library", Bitrate: &bitrate})
	want("create a channel", made.StatusCode(), http.StatusCreated, made.Body, err)
	set, err := api.ChannelBitrateWithResponse(ctx, nil, apiclient.ChannelBitrateJSONRequestBody{Channel: made.JSON201.Id, Bitrate: 32_000})
	want("set a bitrate", set.StatusCode(), http.StatusOK, set.Body, err)
	channels, err := api.ListChannelsWithResponse(ctx)
	want("list channels", channels.StatusCode(), http.StatusOK, channels.Body, err)
	found := false
	for _, ch := range channels.JSON200.Items {
		found = found || ch.Name == "Library" && ch.Bitrate == 32_000
	}
	if !found {
		t.Errorf("the channel is not as it was made: %s", channels.Body)
	}
	kick, err := api.KickWithResponse(ctx, nil, apiclient.KickJSONRequestBody{Session: 999})
	want("kick nobody", kick.StatusCode(), http.StatusNotFound, kick.Body, err)
	if kick.ApplicationproblemJSON404 == nil || kick.ApplicationproblemJSON404.Code != "not_found" {
		t.Errorf("the refusal is %s", kick.Body)
	}
	address, seconds := "203.0.113.7", int64(60)
	ban, err := api.BanWithResponse(ctx, nil, apiclient.BanJSONRequestBody{Address: &address, Seconds: &seconds})
	want("ban an address", ban.StatusCode(), http.StatusCreated, ban.Body, err)
	lift, err := api.LiftBanWithResponse(ctx, ban.JSON201.Id, nil)
	want("lift the ban", lift.StatusCode(), http.StatusNoContent, lift.Body, err)
	invite, err := api.CreateInviteWithResponse(ctx, nil, apiclient.CreateInviteJSONRequestBody{})
	want("make an invite", invite.StatusCode(), http.StatusCreated, invite.Body, err)

	limit := int64(2)
	var actions []string
	for page := (*string)(nil); ; {
		audit, err := api.ListAuditWithResponse(ctx, &apiclient.ListAuditParams{Limit: &limit, Page: page})
		want("read the audit log", audit.StatusCode(), http.StatusOK, audit.Body, err)
		for _, entry := range audit.JSON200.Items {
			actions = append(actions, entry.Action)
		}
		if page = audit.JSON200.Next; page == nil {
			break
		}
	}
	if got, want := fmt.Sprint(actions), "[invite.create ban.lift user.ban user.kick channel.edit channel.create user.create]"; got != want {
		t.Errorf("the audit log has %s, want %s", got, want)
	}
}
