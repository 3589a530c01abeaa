package archive

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Format is the version of the form of an archive.
const Format = 1

// Database is the name of the database in a data directory, and in an archive.
const Database = "voiceapp.db"

const manifestName = "manifest.json"

// names are the files of a server, in the order in which an archive holds them.
// Only the first has to be there.
var names = []string{Database, "tls/key.pem", "tls/cert.pem", "token.key"}

const (
	maxManifest = 64 << 10 // bytes
	maxSecret   = 64 << 10 // bytes of any file but the database
)

// Manifest says what an archive holds.
type Manifest struct {
	Format  int       `json:"format"`
	Made    time.Time `json:"made"`
	Program string    `json:"program"` // that made it, with its version
	Schema  int       `json:"schema"`  // version of the database's
	Files   []File    `json:"files"`   // in the order in which they follow
}

// File is one file of an archive.
type File struct {
	Name   string `json:"name"` // within the data directory, with slashes
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Size returns the bytes of all files together.
func (m Manifest) Size() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// parseManifest reads a manifest and refuses what none can be.
func parseManifest(text []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return m, invalid("its manifest can't be read", err)
	}
	if m.Format > Format {
		return m, voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf(
			"the archive has format %d, this program knows formats up to %d: use the newer voiceapp-server", m.Format, Format))
	}
	if m.Format < 1 || len(m.Files) == 0 || m.Files[0].Name != Database {
		return m, invalid("its manifest is none of voiceapp", nil)
	}
	at := -1
	for _, f := range m.Files {
		next := slices.Index(names, f.Name)
		if next <= at {
			return m, invalid(fmt.Sprintf("it holds %q where that has no place", f.Name), nil)
		}
		at = next
		if f.Size < 0 || f.Name != Database && f.Size > maxSecret {
			return m, invalid(fmt.Sprintf("%q can't have a size of %d", f.Name, f.Size), nil)
		}
		if len(f.SHA256) != 64 || strings.Trim(f.SHA256, "0123456789abcdef") != "" {
			return m, invalid(fmt.Sprintf("the hash of %q is none", f.Name), nil)
		}
	}
	return m, nil
}

// invalid is the error of a file that is no archive, or not whole.
func invalid(why string, cause error) error {
	text := "the file is no whole archive of voiceapp: " + why
	if cause == nil {
		return voiceapp.NewError(voiceapp.Invalid, text)
	}
	return voiceapp.WrapError(voiceapp.Invalid, text, cause)
}
