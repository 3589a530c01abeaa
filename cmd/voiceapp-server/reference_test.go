package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/internal/config"
)

var update = flag.Bool("update", false, "write what is golden anew")

const referenceFile = "../../packaging/CONFIGURATION.md"

// referenceHead stands before the table.
const referenceHead = `# Settings of voiceapp-server

This page is made from the program by ` + "`make golden`" + `; a test compares it.

Each setting is a key of ` + "`config.toml`" + ` in the data directory (or of the file that ` + "`--config`" + ` names), an environment variable, and a flag.
A flag wins over the environment, that over the file, that over the default. An unknown key and a value of the wrong type are errors.
` + "`voiceapp-server check-config`" + ` prints the settings in force, with where each is from.

Values of TOML stand in quotes but for true, false and numbers. TIME is written like 90s, 15m or 24h. ADDR is HOST:PORT, or :PORT for
every address. "reload" says what changes while the server runs, at SIGHUP (` + "`systemctl reload`" + `); the rest takes a restart, and the log
says so. The certificate's files are read anew at SIGHUP even when their names stay.

`

func TestReference(t *testing.T) {
	s := defaultSettings()
	s.Data = "~/.local/share/voiceapp"
	got := bytes.NewBufferString(referenceHead)
	config.New("voiceapp-server serve", s).Reference(got)
	if *update {
		if err := os.WriteFile(referenceFile, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(referenceFile)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%v; %s is not what the settings are: run make golden", err, referenceFile)
	}
}
