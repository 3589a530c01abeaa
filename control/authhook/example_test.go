package authhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/control/authhook"
)

// directory is a control.Directory whose passwords another program checks.
type directory struct {
	*control.Memory
	hook *authhook.Hook
}

func (d directory) Authenticate(ctx context.Context, name, password string) (voiceapp.User, error) {
	return d.hook.Authenticate(ctx, name, password)
}

var _ control.Authenticator = directory{}

// A forum says who may log in. It is on this machine, so that it has to be allowed.
func Example() {
	forum := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"id":4711,"name":"Anna","role":"moderator"}`)
	}))
	defer forum.Close()

	memory := control.NewMemory(voiceapp.Channel{Name: "Lobby"})
	hook, err := authhook.New(authhook.Config{
		URL:      forum.URL,
		Allow:    []string{"127.0.0.1"},
		Accounts: memory,
		Address:  control.PeerAddress,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer hook.Close()
	server := control.Server{Directory: directory{memory, hook}, Registration: voiceapp.RegistrationClosed}

	user, err := server.Directory.(control.Authenticator).Authenticate(context.Background(), "anna@example.org", "correct horse")
	fmt.Println(user.Name, user.Role, err)
	// Output: Anna moderator <nil>
}
