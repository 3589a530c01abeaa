// Command musicbot plays the WAV and Ogg Opus files of a directory, as those in its
// channel ask it to: !play NAME, !stop, !volume 0 to 100.
//
//	musicbot --server localhost:7788 --fingerprint KEY --music ~/Music
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
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
	flags := flag.NewFlagSet("musicbot", flag.ExitOnError)
	server := flags.String("server", "localhost:7788", "the server's address")
	key := flags.String("fingerprint", "", "the server's key, as it printed it")
	music := flags.String("music", ".", "the directory of the files")
	_ = flags.Parse(args) // ends the program by itself
	fingerprint, err := voiceapp.ParseFingerprint(*key)
	if err != nil {
		return err
	}
	client, err := control.Dial(ctx, *server, control.ClientConfig{Name: "music", Fingerprint: fingerprint})
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.JoinPath(ctx, "Lobby"); err != nil {
		return err
	}
	player, codec := &voice.Player{}, voice.NewCodec(opus.NewEncoder, opus.NewDecoder)
	defer player.Stop()
	if _, err := voice.Join(ctx, client, voice.Config{Codec: codec, Source: player}); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { client.Close() })()
	for event := range client.Events() {
		if said, ok := event.(control.ChatSent); ok && said.Session != client.Self().Session {
			if _, err := client.SendChat(ctx, obey(player, *music, said.Text)); err != nil {
				log.Print(err)
			}
		}
	}
	return errors.Join(ctx.Err(), client.Err())
}

// obey does what somebody asks for, and says what came of it.
func obey(player *voice.Player, music, text string) (answer string) {
	if name, ok := strings.CutPrefix(text, "!play "); ok {
		track, err := open(music, name)
		if err != nil {
			return err.Error()
		}
		player.Play(track)
		return "playing " + name
	} else if percent, err := strconv.ParseUint(strings.TrimPrefix(text, "!volume "), 10, 7); err == nil {
		player.SetVolume(float32(min(percent, 100)) / 100)
		return fmt.Sprint("the volume is ", min(percent, 100))
	} else if text == "!stop" {
		player.Stop()
		return "stopped"
	}
	return "I know !play NAME, !stop and !volume 0 to 100"
}

// open makes a source of a file, whose name can't lead out of the directory.
func open(music, name string) (voice.Source, error) {
	path := filepath.Join(music, filepath.Base(name))
	if filepath.Ext(name) == ".wav" {
		return audiofile.Open(path, audiofile.Format{})
	}
	file, err := audiofile.OpenOpus(path)
	if err != nil {
		return nil, err
	}
	decoder, err := opus.NewDecoder(1)
	return voice.Decode(file, decoder, 1), err
}
