package instance

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/voiceapp-sdk/voiceapp"
)

// The details of errors about the folder where clients meet, and about one that runs.
const (
	NoSocket   voiceapp.Detail = "instance_no_socket"   // there is no folder for it, or it can't be made; the cause says why
	OpenFolder voiceapp.Detail = "instance_open_folder" // About: the folder, which others may use
	NoAnswer   voiceapp.Detail = "instance_no_answer"   // a client runs, and does not answer
)

// Dir returns the folder where clients of this user meet: voiceapp in $XDG_RUNTIME_DIR, or
// in the user's cache where there is no such variable.
func Dir() (string, error) {
	if run := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(run) {
		return filepath.Join(run, "voiceapp"), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", voiceapp.WrapError(voiceapp.Unavailable, "there is no folder for the client's socket; set XDG_RUNTIME_DIR", err).With(NoSocket)
	}
	return filepath.Join(cache, "voiceapp", "run"), nil
}

func socketIn(dir string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = Dir(); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "desktop.sock"), nil
}

// makePrivate makes a folder that is its user's alone. One that is there already and open to
// others is refused: what else is in it is not ours to hide.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "the folder for the client's socket can't be made", err).With(NoSocket)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "the folder for the client's socket can't be read", err).With(NoSocket)
	}
	if !info.IsDir() || runtime.GOOS != "windows" && info.Mode()&fs.ModePerm&0o077 != 0 {
		return voiceapp.NewError(voiceapp.Forbidden, "others may write to or read "+dir+"; it is the folder of the client's socket and has to be its user's alone: chmod 700").With(OpenFolder).Of(dir)
	}
	return nil
}
