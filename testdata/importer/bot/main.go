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
	ctx := context.Background()
	key, err := voiceapp.ParseFingerprint(os.Args[2])
	check(err)
	client, err := control.Dial(ctx, os.Args[1], control.ClientConfig{Name: "echo", Password: "swordfish", Fingerprint: key})
	check(err)
	_, err = client.JoinPath(ctx, "Bar")
	check(err)
	echo := &voice.Pipe{}
	session, err := voice.Join(ctx, client, voice.Config{Codec: voice.NewCodec(opus.NewEncoder, opus.NewDecoder), Source: echo, Sink: echo})
	check(err)
	check(session.Wait())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
