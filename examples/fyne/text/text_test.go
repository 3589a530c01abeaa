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

// used finds the texts that the screens show.
func used(t *testing.T) map[string]token.Position {
	files, err := filepath.Glob("../ui/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no screens", err)
	}
	set, found := token.NewFileSet(), make(map[string]token.Position)
	for _, name := range files {
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if key, ok := keyOf(n); ok {
				found[key] = set.Position(n.Pos())
			}
			return true
		})
	}
	return found
}

// keyOf reads the text of a call such as lang.L("text").
func keyOf(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return "", false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || fun.Sel.Name != "L" && fun.Sel.Name != "N" {
		return "", false
	}
	if pkg, ok := fun.X.(*ast.Ident); !ok || pkg.Name != "lang" {
		return "", false
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	key, err := strconv.Unquote(literal.Value)
	return key, err == nil
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
