package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"
	"github.com/adrg/xdg"

	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
)

// recording is a file that is being written, and the server where that is known.
type recording struct {
	talk     *talk
	recorder *sound.Recorder
	path     string
}

// toggleRecording begins or ends a recording, which everyone on the server sees.
func (b *bar) toggleRecording() {
	if b.recording != nil {
		b.stopRecording()
		return
	}
	t := b.app.current()
	if t == nil || b.beginning {
		return
	}
	b.beginning = true
	path := recordingPath(b.app.cfg.Settings.Get().Voice.Recordings, title(t.bookmark), time.Now())
	var made *sound.Recorder
	b.app.work(func(ctx context.Context) (err error) {
		if err = t.session.Client().UpdateSelf(ctx, control.SelfUpdate{Recording: new(true)}); err != nil {
			return err
		}
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			made, err = sound.NewRecorder(path)
		}
		return err
	}, func(err error) {
		b.beginning = false
		if err != nil {
			b.app.Complain(err)
			t.tellSelf() // that nothing is recorded
			return
		}
		if b.app.talks[t.item] != t { // it was left meanwhile
			b.app.Complain(made.Close())
			return
		}
		t.port.Record(made)
		b.recording = &recording{talk: t, recorder: made, path: path}
		b.app.beside.Go(func() { b.awaitEnd(made) })
		t.tellSelf()
		b.update()
	})
}

// awaitEnd ends a recording that can't be written any more, as when the disk is full.
func (b *bar) awaitEnd(r *sound.Recorder) {
	<-r.Done()
	b.app.do(func() {
		if b.recording != nil && b.recording.recorder == r {
			b.stopRecording()
		}
	})
}

// stopRecording ends the file, and says where it is.
func (b *bar) stopRecording() {
	r := b.recording
	if r == nil {
		return
	}
	b.recording = nil
	r.talk.port.Record(nil)
	b.app.Complain(r.recorder.Close())
	r.talk.tellSelf()
	b.app.notify(lang.L("Recorded"), r.path)
	b.update()
}

// recordingPath names a file by server and time, in characters that any disk takes.
func recordingPath(dir, server string, at time.Time) string {
	if dir == "" {
		music := xdg.UserDirs.Music
		if music == "" {
			music = xdg.DataHome
		}
		dir = filepath.Join(music, "voiceapp")
	}
	safe := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, server)
	return filepath.Join(dir, fmt.Sprintf("%s %s.wav", at.Format("2006-01-02 15.04.05"), strings.Trim(safe, ". ")))
}
