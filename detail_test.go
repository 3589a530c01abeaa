package voiceapp_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// constants are the words of the constants of a type, as a file declares them.
func constants(t *testing.T, file, typ string) (words []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != typ || len(spec.Values) != 1 {
			return true
		}
		word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, word)
		return true
	})
	return words
}

// What says in other languages what went wrong relies on these lists.
func TestListsOfCodesAndDetails(t *testing.T) {
	var codes, details []string
	for _, code := range voiceapp.Codes() {
		codes = append(codes, code.Error())
	}
	for _, detail := range voiceapp.Details() {
		details = append(details, detail.Error())
	}
	for what, lists := range map[string][2][]string{
		"codes":   {codes, constants(t, "error.go", "Code")},
		"details": {details, constants(t, "detail.go", "Detail")},
	} {
		listed, declared := slices.Sorted(slices.Values(lists[0])), slices.Sorted(slices.Values(lists[1]))
		if !slices.Equal(listed, declared) {
			t.Errorf("the %s are %q, and %q are listed", what, declared, listed)
		}
		if unique := slices.Compact(slices.Clone(declared)); len(unique) != len(declared) || len(declared) < 15 {
			t.Errorf("the %s %q are not all different", what, declared)
		}
	}
}

func TestErrorAnswersToItsDetail(t *testing.T) {
	err := fmt.Errorf("session.open: %w", voiceapp.NewError(voiceapp.Busy, "the server is full").With(voiceapp.ServerFull))
	if !errors.Is(err, voiceapp.ServerFull) || !errors.Is(err, voiceapp.Busy) || errors.Is(err, voiceapp.ChannelFull) {
		t.Error("errors.Is does not tell the details apart")
	}
	if plain := voiceapp.NewError(voiceapp.Busy, "try again"); errors.Is(plain, voiceapp.Detail("")) {
		t.Error("to have no detail is taken for one")
	}
}

// What a person enters is refused with the detail that says why.
func TestDetailsOfWhatIsEntered(t *testing.T) {
	link := func(s string) error { _, err := voiceapp.ParseLink(s); return err }
	channel := func(path string) error {
		_, err := voiceapp.FindPath([]voiceapp.Channel{{ID: 1, Name: "Lobby"}}, path)
		return err
	}
	fingerprint := func(s string) error { _, err := voiceapp.ParseFingerprint(s); return err }
	for _, c := range []struct {
		err   error
		want  voiceapp.Detail
		limit int
		about string
	}{
		{voiceapp.CheckName(""), voiceapp.NameEmpty, 0, ""},
		{voiceapp.CheckName(strings.Repeat("x", 65)), voiceapp.NameTooLong, 64, ""},
		{voiceapp.CheckName(" Anna"), voiceapp.NameSpace, 0, ""},
		{voiceapp.CheckName("a/b"), voiceapp.NameCharacter, 0, ""},
		{voiceapp.CheckName("\xff"), voiceapp.NameCharacter, 0, ""},
		{voiceapp.CheckMessage(""), voiceapp.TextEmpty, 0, ""},
		{voiceapp.CheckMessage(strings.Repeat("x", 2001)), voiceapp.TextTooLong, 2000, ""},
		{voiceapp.CheckText("the reason", "a\x00b", 9), voiceapp.TextCharacter, 0, ""},
		{voiceapp.CheckText("the reason", "\xff", 9), voiceapp.TextCharacter, 0, ""},
		{link("https://voice.example/"), voiceapp.NoLink, 0, ""},
		{link("voiceapp://Anna:secret@voice.example/"), voiceapp.LinkPassword, 0, ""},
		{link("voiceapp://voice.example/?title=a&title=b"), voiceapp.BadLink, 0, ""},
		{voiceapp.CheckPublicAddress("two words"), voiceapp.BadHost, 0, ""},
		{voiceapp.CheckPublicAddress("voice.example:70000"), voiceapp.BadPort, 0, ""},
		{fingerprint("12"), voiceapp.BadFingerprint, 0, ""},
		{channel("Lobby/Quiet"), voiceapp.NoChannel, 0, "Quiet"},
	} {
		var got *voiceapp.Error
		if !errors.As(c.err, &got) || got.Detail != c.want || got.Limit != c.limit || got.About != c.about {
			t.Errorf("%v: %+v, want the detail %s of %d and %q", c.err, got, c.want, c.limit, c.about)
		}
	}
	if refusal := voiceapp.Refusal(voiceapp.RoleGuest, voiceapp.RoleMember); refusal.Detail != voiceapp.RoleTooLow {
		t.Errorf("the refusal has the detail %q", refusal.Detail)
	}
}

// A permission that is not given says why to machines, and one that is has nothing to say.
func TestPermissionDetail(t *testing.T) {
	stage := voiceapp.Channel{Name: "Stage", RequiredRole: voiceapp.RoleMember}
	may := stage.Permissions(voiceapp.RoleGuest)
	if may.See.Detail != "" || may.Join.Detail != voiceapp.RoleTooLow || may.Speak.Detail != voiceapp.RoleTooLow {
		t.Errorf("%+v", may)
	}
}
