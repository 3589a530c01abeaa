package admin_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// A server of one's own, without a database, gets the whole admin API: whatever can
// keep accounts and channels will do.
func Example() {
	directory := control.NewMemory(voiceapp.Channel{Name: "Lobby"}, voiceapp.Channel{Name: "Library"})
	certificate, key, err := control.NewIdentity()
	if err != nil {
		log.Fatal(err)
	}
	live := &control.Server{Directory: directory, Certificate: certificate}
	defer live.Close()

	keys := admin.NewKeys(key)
	api, err := admin.New(admin.Config{Live: live, Accounts: directory, Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	defer api.Close()
	// A program would now call api.Serve with a listener, and live.Serve with another.

	token, _, err := keys.Operator(time.Now())
	if err != nil {
		log.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodGet, "/api/channels", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	api.Handler().ServeHTTP(answer, request)
	var list struct{ Items []voiceapp.ChannelInfo }
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		log.Fatal(err)
	}
	for _, ch := range list.Items {
		fmt.Println(ch.ID, ch.Name, ch.People)
	}
	// Output:
	// 1 Lobby 0
	// 2 Library 0
}
