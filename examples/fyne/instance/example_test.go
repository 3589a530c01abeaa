package instance_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/instance"
)

// The second client of a user tells the first what it was started for.
func Example() {
	run, err := os.MkdirTemp("", "voiceapp")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(run)
	dir := filepath.Join(run, "voiceapp") // or "": the user's own

	first, err := instance.Start(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer first.Close()
	go func() {
		_ = first.Serve(context.Background(), func(_ context.Context, c instance.Command) (string, error) {
			return fmt.Sprintln("this is", c.Verb, c.State), nil
		})
	}()

	if _, err := instance.Start(dir); errors.Is(err, instance.ErrRunning) {
		command, _ := instance.Parse([]string{"ptt", "on"})
		answer, err := instance.Send(context.Background(), dir, command)
		fmt.Print(answer, err)
	}
	// Output:
	// this is ptt on
	// <nil>
}

func ExampleParse() {
	for _, args := range [][]string{{}, {"mute"}, {"ptt", "on", "--for", "30s"}, {"dance"}} {
		command, err := instance.Parse(args)
		fmt.Println(command.Verb, command.State, command.For, command.Starts(), err)
	}
	// Output:
	// show  0s true <nil>
	// mute toggle 0s false <nil>
	// ptt on 30s false <nil>
	//   0s false there is no command dance
}
