// Command bot says back what it hears.
package main

import (
	"context"
	"log"
	"os"

	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

func main() {
	log.Fatal(run(context.Background(), os.Args[1]))
}
