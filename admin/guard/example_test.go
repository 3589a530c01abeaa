package guard_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

// A handler for this machine alone: nothing needs to be configured.
func Example() {
	g, err := guard.New(guard.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := g.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	server := &http.Server{Handler: g.Handler(hello), ReadHeaderTimeout: guard.HeaderTime}
	ended := make(chan error)
	go func() { ended <- server.Serve(l) }()

	answer, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	fmt.Printf("%s %s\n", text, answer.Header.Get("X-Content-Type-Options"))

	_ = server.Close()
	fmt.Println(errors.Is(<-ended, http.ErrServerClosed))
	http.DefaultClient.CloseIdleConnections()
	// Output:
	// hello nosniff
	// true
}
