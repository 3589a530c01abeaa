package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
)

// maxSecret bounds a secret in bytes.
const maxSecret = 4096

// ReadSecrets reads passwords or tokens, a line for each: from the file at path, or
// from In for "-". what names each in errors, which are [voiceapp.Invalid].
func (s *Streams) ReadSecrets(path string, what ...string) ([]string, error) {
	in := s.In
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, voiceapp.WrapError(voiceapp.Invalid, "the "+what[0]+" can't be read", err)
		}
		defer file.Close()
		in = file
	}
	secrets := make([]string, len(what))
	for i, name := range what {
		line, err := readLine(in)
		if err != nil {
			return nil, voiceapp.WrapError(voiceapp.Invalid, "the "+name+" can't be read", err)
		}
		if line == "" {
			return nil, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("the %s is empty: it is line %d of the file", name, i+1))
		}
		secrets[i] = line
	}
	return secrets, nil
}

// readLine reads one line and nothing behind it, so that a second secret can
// follow in the same stream.
func readLine(in io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); len(line) < maxSecret; {
		n, err := in.Read(one)
		if n == 1 && one[0] != '\n' {
			line = append(line, one[0])
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if n == 1 || err != nil {
			break
		}
	}
	return strings.TrimRight(string(line), "\r"), nil
}

// Confirm asks a person a question. It is false, without a question, when In is no
// terminal.
func (s *Streams) Confirm(question string) bool {
	if !IsTerminal(s.In) {
		return false
	}
	_, _ = io.WriteString(s.Err, question+" [y/N] ") // a question that can't be shown is answered no
	answer, err := readLine(s.In)
	if err != nil {
		return false
	}
	word := strings.ToLower(strings.TrimSpace(answer))
	return word == "y" || word == "yes"
}
