package text_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
)

// place is where a text is shown.
type place struct {
	token.Position
	counts bool // it says how many there are
}

// used finds the texts that the screens show.
func used(t *testing.T) map[string]place {
	files, err := filepath.Glob("../ui/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no screens", err)
	}
	set, found := token.NewFileSet(), make(map[string]place)
	for _, name := range files {
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if key, counts, ok := keyOf(n); ok {
				found[key] = place{set.Position(n.Pos()), counts}
			}
			return true
		})
	}
	return found
}

// keyOf reads the text of a call such as lang.L("text"), or of lang.N, which counts.
func keyOf(n ast.Node) (key string, counts, ok bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return "", false, false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || fun.Sel.Name != "L" && fun.Sel.Name != "N" {
		return "", false, false
	}
	if pkg, ok := fun.X.(*ast.Ident); !ok || pkg.Name != "lang" {
		return "", false, false
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false, false
	}
	key, err := strconv.Unquote(literal.Value)
	return key, fun.Sel.Name == "N", err == nil
}

func language(t *testing.T, name string) map[string]any {
	raw, err := text.Language(name)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

var hole = regexp.MustCompile(`{{\.\w+}}`)

// Every text of the screens has a translation with the same holes, and no translation is
// of a text that there is not.
func TestEveryTextIsTranslated(t *testing.T) {
	shown, german := used(t), language(t, "de")
	if len(shown) < 100 {
		t.Fatalf("only %d texts were found", len(shown))
	}
	for key, at := range shown {
		var texts []string
		switch said := german[key].(type) {
		case string:
			texts = []string{said}
		case map[string]any:
			for _, form := range said {
				texts = append(texts, form.(string))
			}
		default:
			t.Errorf("%s: %q has no translation", at, key)
		}
		want := hole.FindAllString(key, -1)
		slices.Sort(want)
		for _, said := range texts {
			got := hole.FindAllString(said, -1)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q has the holes %v and not %v", at, said, got, want)
			}
		}
	}
	for key := range german {
		if _, ok := shown[key]; !ok {
			t.Errorf("%q is translated, and shown nowhere", key)
		}
	}
}

// A text that counts has a form for one, in English too.
func TestWhatCountsHasAFormForOne(t *testing.T) {
	counted := 0
	for _, name := range []string{"de", "en"} {
		all := language(t, name)
		for key, at := range used(t) {
			if !at.counts {
				continue
			}
			counted++
			forms, _ := all[key].(map[string]any)
			if forms["one"] == nil || forms["other"] == nil || forms["one"] == forms["other"] {
				t.Errorf("%s: %q has these forms in %s: %v", at, key, name, forms)
			}
		}
	}
	if counted < 4 {
		t.Errorf("%d were found", counted)
	}
}
