// Command recorder writes what each speaker says into a WAV file; everyone sees it.
//
//	recorder --server localhost:7788 --fingerprint KEY --out ./recordings
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"time"

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
	flags := flag.NewFlagSet("recorder", flag.ExitOnError)
	server := flags.String("server", "localhost:7788", "the server's address")
	key := flags.String("fingerprint", "", "the server's key, as it printed it")
	out := flags.String("out", ".", "the directory for the recordings")
	_ = flags.Parse(args) // ends the program by itself
	fingerprint, err := voiceapp.ParseFingerprint(*key)
	if err != nil {
		return err
	}
	client, err := control.Dial(ctx, *server, control.ClientConfig{Name: "recorder", Fingerprint: fingerprint})
	if err != nil {
		return err
	}
	defer client.Close()
	err = client.UpdateSelf(ctx, control.SelfUpdate{Recording: new(true)})
	if _, lobby := client.JoinPath(ctx, "Lobby"); err != nil || lobby != nil {
		return errors.Join(err, lobby)
	}
	r := &recorder{client, *out, map[voiceapp.SessionID]*audiofile.Writer{}, map[voiceapp.SessionID]int64{}, nil}
	session, err := voice.Join(ctx, client, voice.Config{Codec: voice.NewCodec(opus.NewEncoder, opus.NewDecoder), Each: r.each})
	if err != nil {
		return err
	}
	return errors.Join(session.Wait(), r.close())
}

// recorder has a file for each speaker; it is the playout's until that has ended.
type recorder struct {
	client *control.Client
	dir    string
	files  map[voiceapp.SessionID]*audiofile.Writer
	ends   map[voiceapp.SessionID]int64 // samples so far
	err    error
}

// each writes a piece of what somebody says, after silence up to its time.
func (r *recorder) each(speaker voiceapp.SessionID, pcm []float32, at time.Duration) {
	file := r.files[speaker]
	if file == nil && r.err == nil {
		if file, r.err = audiofile.Create(filepath.Join(r.dir, r.name(speaker)), audiofile.Format{}); r.err == nil {
			r.files[speaker] = file
		}
	}
	if r.err == nil {
		silence := max(0, int64(at*voice.SampleRate/time.Second)-r.ends[speaker])
		r.ends[speaker] += silence + int64(len(pcm))
		r.err = errors.Join(file.WritePCM(make([]float32, silence)), file.WritePCM(pcm))
	}
}

// name has the speaker's name in it, in characters that any disk takes.
func (r *recorder) name(speaker voiceapp.SessionID) (name string) {
	for _, p := range r.client.Sessions() {
		if p.Session == speaker {
			name = url.PathEscape(p.Name)
		}
	}
	return fmt.Sprintf("%s-%d.wav", name, speaker)
}

func (r *recorder) close() error {
	for _, file := range r.files {
		r.err = errors.Join(r.err, file.Close())
	}
	return r.err
}
