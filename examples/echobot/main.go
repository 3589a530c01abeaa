// Command echobot says back what it hears, a second later:
//
//	echobot --server localhost:7788 --fingerprint KEY --channel Lobby
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("echobot", flag.ExitOnError)
	server := flags.String("server", "localhost:7788", "the server's address")
	fingerprint := flags.String("fingerprint", "", "the server's key, as it printed it")
	channel := flags.String("channel", "Lobby", "where to listen")
	name := flags.String("name", "echo", "what the bot is called")
	delay := flags.Duration("delay", time.Second, "how much later to say what was heard")
	_ = flags.Parse(args) // ends the program by itself

	key, err := voiceapp.ParseFingerprint(*fingerprint)
	if err != nil {
		return err
	}
	client, err := control.Dial(ctx, *server, control.ClientConfig{Name: *name, Fingerprint: key})
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.JoinPath(ctx, *channel); err != nil {
		return err
	}
	echo := &voice.Pipe{Delay: *delay}
	session, err := voice.Join(ctx, client, voice.Config{
		Codec:  voice.NewCodec(opus.NewEncoder, opus.NewDecoder),
		Source: echo,
		Sink:   echo,
	})
	if err != nil {
		return err
	}
	return session.Wait()
}
