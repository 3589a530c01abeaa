package plugin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/voiceapp-sdk/voiceapp"
)

// File is a plugin's file that was read and looked through, but not compiled.
type File struct {
	Path     string
	SHA256   string // of Module, in lower-case hex
	Manifest Manifest
	Module   []byte // the whole file; not to be changed
}

// ReadFile reads a plugin's file. The errors name the file: [voiceapp.NotFound],
// [voiceapp.Forbidden] when it may not be read, [voiceapp.Conflict] when it changed
// meanwhile, [voiceapp.Invalid] when it is no plugin.
func ReadFile(path string) (*File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a FIFO without a writer would wait for one
	return readOpened(path, file, err)
}

// readIn is ReadFile for a name in a folder that the file may not be outside of.
func readIn(folder *os.Root, name string) (*File, error) {
	path := filepath.Join(folder.Name(), name)
	if err := checkFileName(name); err != nil {
		return nil, naming(path, err)
	}
	file, err := folder.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil && isLink(folder, name) {
		return nil, naming(path, refuse("the link leads out of the plugins folder, or nowhere"))
	}
	return readOpened(path, file, err)
}

func isLink(folder *os.Root, name string) bool {
	info, err := folder.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// checkFileName refuses names that a log or a terminal could be fooled by.
func checkFileName(name string) error {
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return refuse("the name has characters that can't be shown")
	}
	if strings.ContainsAny(name, `/\`) || strings.Contains(name, "..") {
		return refuse("the name is that of a path; a plugin lies in the folder itself")
	}
	return nil
}

// readOpened reads a file that was opened.
func readOpened(path string, file *os.File, err error) (*File, error) {
	if err == nil {
		defer file.Close()
		var content []byte
		if content, err = readAll(file); err == nil {
			return load(path, content)
		}
	}
	return nil, naming(path, fileError(err))
}

func load(path string, content []byte) (*File, error) {
	manifest, err := ReadManifest(content)
	if err != nil {
		return nil, naming(path, err)
	}
	sum := sha256.Sum256(content)
	return &File{Path: path, SHA256: hex.EncodeToString(sum[:]), Manifest: manifest, Module: content}, nil
}

// readAll reads a regular file, and notices when it is changed meanwhile.
func readAll(file fs.File) ([]byte, error) {
	before, err := file.Stat()
	if err != nil {
		return nil, err
	}
	switch {
	case before.IsDir():
		return nil, refuse("this is a folder")
	case !before.Mode().IsRegular():
		return nil, refuse("this is no regular file")
	case before.Size() > MaxFile:
		return nil, refuse("the file has %d MiB; a plugin has at most %d", before.Size()>>20, MaxFile>>20)
	}
	content, err := io.ReadAll(io.LimitReader(file, before.Size()+1))
	if err != nil {
		return nil, err
	}
	after, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if int64(len(content)) != before.Size() || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return nil, voiceapp.NewError(voiceapp.Conflict, "the file changed while it was read; try again when it is complete").With(Changing)
	}
	return content, nil
}

// fileError gives what the system says a code.
func fileError(err error) error {
	var known *voiceapp.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, fs.ErrNotExist):
		return voiceapp.NewError(voiceapp.NotFound, "there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return voiceapp.NewError(voiceapp.Forbidden, "the file may not be read")
	}
	return voiceapp.WrapError(voiceapp.Unavailable, "the file can't be read", err)
}

// naming puts the file's name before an error's words.
func naming(path string, err error) error {
	named := *voiceapp.AsError(err)
	named.Message = fmt.Sprintf("%q: %s", path, named.Message)
	return &named
}
