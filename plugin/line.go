package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/voiceapp-sdk/voiceapp"
)

// Line is a line of chat that is about to be sent, shown, or kept.
type Line struct {
	Hook    string             // HookChatOutgoing, HookChatIncoming or HookChatServer
	Text    string             // at most 4 KiB
	Name    string             // who writes it
	User    voiceapp.UserID    // 0: a guest
	Channel voiceapp.ChannelID // 0: it is for one person, or for all
	Direct  bool               // it is for one person
}

// Verdict is what is to become of a line.
type Verdict struct {
	Text    string   // what takes the line's place
	Drop    bool     // nobody gets it
	Replies []string // for the writer alone; of an incoming line, for the reader
	By      string   // the plugin that dropped it
}

// lineJSON is a line as a plugin gets it.
type lineJSON struct {
	Hook    string             `json:"hook"`
	Text    string             `json:"text"`
	Name    string             `json:"name"`
	User    voiceapp.UserID    `json:"user,omitempty"`
	Channel voiceapp.ChannelID `json:"channel,omitempty"`
	Direct  bool               `json:"direct,omitempty"`
}

// answerText is what a plugin answers.
type answerText struct {
	Text  *string `json:"text"`
	Drop  bool    `json:"drop"`
	Reply *string `json:"reply"`
}

// parseAnswer reads a chat hook's answer.
func parseAnswer(text []byte) (a answerText, err error) {
	if len(text) > maxAnswer {
		return a, fmt.Errorf("the answer has %d bytes; it may have %d", len(text), maxAnswer)
	}
	if !utf8.Valid(text) || !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
		return a, errors.New("the answer is no JSON object in UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, fmt.Errorf("the answer is not as it should be: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return a, errors.New("something follows the answer's JSON object")
	}
	for _, t := range []*string{a.Text, a.Reply} {
		if t == nil {
			continue
		}
		if err := voiceapp.CheckMessage(*t); err != nil {
			return a, fmt.Errorf("the answer can't be shown: %w", err)
		}
	}
	return a, nil
}

// ask lets a backend decide about a line.
func ask(b backend, line Line) (a answerText, err error) {
	text, err := json.Marshal(lineJSON(line))
	if err != nil {
		return a, err
	}
	raw, err := b.chat(text)
	switch {
	case err != nil:
		return a, err
	case raw.kind == answerDropped:
		return answerText{Drop: true}, nil
	case raw.kind == answerUnchanged:
		return answerText{}, nil
	}
	return parseAnswer(raw.text)
}
