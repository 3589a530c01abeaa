// Command bot says back what it hears: bot HOST:PORT KEY.
package main

import (
	"context"
	"log"
	"os"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

func main() {
	ctx, echo := context.Background(), &voice.Pipe{}
	key := must(voiceapp.ParseFingerprint(os.Args[2])) // as the server printed it
	client := must(control.Dial(ctx, os.Args[1], control.ClientConfig{Name: "echo", Fingerprint: key}))
	must(client.JoinPath(ctx, "Lobby"))
	codec := voice.NewCodec(opus.NewEncoder, opus.NewDecoder)
	session := must(voice.Join(ctx, client, voice.Config{Codec: codec, Source: echo, Sink: echo}))
	log.Fatal(session.Wait())
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
