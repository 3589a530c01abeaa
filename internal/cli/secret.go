package cli

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
)

// maxSecret bounds a secret in bytes.
const maxSecret = 4096

// ReadSecret reads a password or token: the first line of the file at path, or of
// In for "-". what names it in errors, which are [voiceapp.Invalid].
func (s *Streams) ReadSecret(path, what string) (string, error) {
	in := s.In
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", voiceapp.WrapError(voiceapp.Invalid, "the "+what+" can't be read", err)
		}
		defer file.Close()
		in = file
	}
	line, err := bufio.NewReader(io.LimitReader(in, maxSecret)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", voiceapp.WrapError(voiceapp.Invalid, "the "+what+" can't be read", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", voiceapp.NewError(voiceapp.Invalid, "the "+what+" is empty: it is the first line of the file")
	}
	return line, nil
}

// Confirm asks a person a question. It is false, without a question, when In is no
// terminal.
func (s *Streams) Confirm(question string) bool {
	if !IsTerminal(s.In) {
		return false
	}
	_, _ = io.WriteString(s.Err, question+" [y/N] ") // a question that can't be shown is answered no
	answer, _ := bufio.NewReader(s.In).ReadString('\n')
	word := strings.ToLower(strings.TrimSpace(answer))
	return word == "y" || word == "yes"
}
