package guest_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/plugin/guest"
)

func Example() {
	shrug := func(line guest.Line) guest.Answer {
		if line.Text == "/shrug" {
			return guest.Replace(`¯\_(ツ)_/¯`)
		}
		return guest.Unchanged
	}
	guest.Chat(shrug) // in an init function

	fmt.Println(shrug(guest.Line{Text: "/shrug"}).Text)
	// Output: ¯\_(ツ)_/¯
}

// What a plugin answers is what plugin/ABI.md says.
func TestAnswers(t *testing.T) {
	for want, answer := range map[string]guest.Answer{
		`{}`: guest.Unchanged, `{"text":"a"}`: guest.Replace("a"), `{"drop":true}`: guest.Drop(""), `{"drop":true,"reply":"no"}`: guest.Drop("no"),
	} {
		if got, err := json.Marshal(answer); err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
}

func TestValues(t *testing.T) {
	var v guest.Values
	if err := json.Unmarshal([]byte(`{"a":true,"b":3,"c":1.5,"d":"x"}`), &v); err != nil {
		t.Fatal(err)
	}
	if !v.Bool("a") || v.Int("b") != 3 || v.Float("c") != 1.5 || v.Text("d") != "x" || v.Bool("none") || v.Text("a") != "" {
		t.Errorf("%v", v)
	}
}
