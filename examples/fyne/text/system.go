package text

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"slices"
	"syscall"

	"github.com/voiceapp-sdk/voiceapp"
)

// What Windows calls a connection that is refused, and a network or a host without a way.
const (
	errNetUnreachable  = syscall.Errno(10051)
	errRefused         = syscall.Errno(10061)
	errHostUnreachable = syscall.Errno(10065)
)

// is makes what is asked of an error: whether it is one of these.
func is(targets ...error) func(error) bool {
	return func(err error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
}

// systemCase is what the system may say, and what that means.
type systemCase struct {
	is func(error) bool
	phrase
}

// ofSystem says what an error of the system means. about is the file that it is about, where
// the error does not name one.
func ofSystem(err error, about string) (said, bool) {
	var path *fs.PathError
	if errors.As(err, &path) {
		about = path.Path
	}
	cases := fileCases
	if about == "" {
		cases = systemCases
	}
	for _, one := range slices.Concat(cases, timeCases) {
		if err != nil && one.is(err) {
			return fill(one.phrase, map[string]any{"About": clean(about)}), true
		}
	}
	return said{}, false
}

// noRoom, of a file and of anything else, comes before all.
var noRoom = systemCase{is(syscall.ENOSPC), phrase{"The disk is full.", "Make room on it, and try again."}}

// fileCases are about a file that is known.
var fileCases = []systemCase{
	noRoom,
	{is(fs.ErrPermission), phrase{"You have no right to use {{.About}}.", "See whose it is, and who may read and write it."}},
	{is(fs.ErrNotExist), phrase{"{{.About}} is not there.", "It may have been moved or removed."}},
	{is(syscall.EROFS), phrase{"{{.About}} can't be written.", "Its disk may be read-only."}},
	{is(syscall.EISDIR, syscall.ENOTDIR), phrase{"{{.About}} is not what it should be.", "See whether it is a file or a folder."}},
}

// systemCases are about nothing that is known.
var systemCases = []systemCase{
	noRoom,
	{is(fs.ErrPermission), phrase{"The system does not permit it.", "See whose it is, and who may read and write it."}},
}

// timeCases are about time.
var timeCases = []systemCase{
	{is(context.DeadlineExceeded, os.ErrDeadlineExceeded), phrase{"It took too long.", "Try again."}},
	{is(context.Canceled), phrase{"It was given up.", ""}},
}

// networkCases say why a server can't be reached.
var networkCases = []systemCase{
	{isUnknownHost, phrase{"The server at {{.About}} can't be reached: there is no computer of that name.", "See whether the address is right."}},
	{isLookup, phrase{"The server at {{.About}} can't be reached: its name can't be looked up.", "See whether you are connected to the network."}},
	{is(syscall.ECONNREFUSED, errRefused), phrase{"The server at {{.About}} can't be reached: nothing listens there.", "See whether the server runs, and whether the address and the port are right."}},
	{is(syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, errNetUnreachable, errHostUnreachable), phrase{"The server at {{.About}} can't be reached: no way leads there.", "See whether you are connected to the network."}},
	{isTimeout, phrase{"The server at {{.About}} can't be reached: it does not answer.", "See whether the address and the port are right, and whether a firewall is in the way."}},
	{isNoTLS, phrase{"What answers at {{.About}} is no voiceapp server.", "See whether the port is right."}},
	{is(io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE), phrase{"What answers at {{.About}} has hung up.", "See whether the port is right, and try again in a moment."}},
}

// ofUnreachable says why a server can't be reached, as far as that is known.
func ofUnreachable(e *voiceapp.Error) said {
	cause := errors.Unwrap(e)
	for _, one := range networkCases {
		if one.is(cause) {
			return fill(one.phrase, map[string]any{"About": clean(e.About)})
		}
	}
	return ofError(e)
}

func isUnknownHost(err error) bool {
	var lookup *net.DNSError
	return errors.As(err, &lookup) && lookup.IsNotFound
}

func isLookup(err error) bool {
	var lookup *net.DNSError
	return errors.As(err, &lookup)
}

func isTimeout(err error) bool {
	var one net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &one) && one.Timeout()
}

func isNoTLS(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record)
}
