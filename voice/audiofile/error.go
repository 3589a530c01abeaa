package audiofile

import (
	"errors"
	"io"
	"io/fs"
	"syscall"

	"github.com/voiceapp-sdk/voiceapp"
)

// fault is something wrong with a file, in words that follow its name.
type fault string

func (f fault) Error() string { return string(f) }

// describe makes an error that begins with the file's name: [voiceapp.Invalid]
// for a fault, otherwise what can't be done, with the cause behind it.
func describe(name, cannot string, err error) error {
	var f fault
	if errors.As(err, &f) {
		return voiceapp.NewError(voiceapp.Invalid, name+": "+f.Error())
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the name is there already
	}
	code := voiceapp.Unavailable
	switch {
	case errors.Is(err, fs.ErrNotExist):
		code = voiceapp.NotFound
	case errors.Is(err, fs.ErrPermission):
		code = voiceapp.Forbidden
	case errors.Is(err, fs.ErrClosed):
		code = voiceapp.Conflict
	case errors.Is(err, syscall.ENOSPC):
		cannot = "the disk is full"
	}
	return voiceapp.WrapError(code, name+": "+cannot, err).Of(name)
}

// cutHeader makes the end of a file that is nothing but a part of a header a
// fault.
func cutHeader(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault("it ends before any audio begins")
	}
	return err
}
