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

// used finds the texts that are shown: those of the screens, and those of this package.
func used(t *testing.T) map[string]place {
	screens, err := filepath.Glob("../ui/*.go")
	if err != nil || len(screens) == 0 {
		t.Fatal("no screens", err)
	}
	own, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set, found := token.NewFileSet(), make(map[string]place)
	for _, name := range append(screens, own...) {
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			keys, count := keysOf(n)
			for _, key := range keys {
				found[key] = place{set.Position(n.Pos()), count}
			}
			return true
		})
	}
	return found
}

// keysOf reads the text of a call such as lang.L("text"), or of lang.N, which counts, and
// those of a value or a list of the types phrase and word.
func keysOf(n ast.Node) (keys []string, count bool) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if name := langCall(n.Fun); name != "" && len(n.Args) > 0 {
			return literals(n.Args[0]), name == "N"
		}
	case *ast.CompositeLit:
		if isText(n.Type) {
			return literals(n.Elts...), false
		}
	case *ast.ValueSpec:
		if isText(n.Type) {
			return literals(n.Values...), false
		}
	}
	return nil, false
}

// langCall is the name of a function of package lang that takes a text; "": it is none.
func langCall(fun ast.Expr) string {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "L" && sel.Sel.Name != "N" {
		return ""
	}
	if pkg, ok := sel.X.(*ast.Ident); !ok || pkg.Name != "lang" {
		return ""
	}
	return sel.Sel.Name
}

// isText reports whether a type is phrase or word, or a map to it or a list of it.
func isText(typ ast.Expr) bool {
	switch typ := typ.(type) {
	case *ast.Ident:
		return typ.Name == "phrase" || typ.Name == "word"
	case *ast.MapType:
		return isText(typ.Value)
	case *ast.ArrayType:
		return isText(typ.Elt)
	}
	return false
}

// literals are the texts in expressions, but for empty ones.
func literals(all ...ast.Expr) (found []string) {
	for _, one := range all {
		switch one := one.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(one.Value); err == nil && text != "" && one.Kind == token.STRING {
				found = append(found, text)
			}
		case *ast.KeyValueExpr:
			found = append(found, literals(one.Value)...)
		case *ast.CompositeLit:
			found = append(found, literals(one.Elts...)...)
		}
	}
	return found
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
