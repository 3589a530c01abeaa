// Package text is the catalogue of the desktop client's texts: English is in the code, as
// the keys of package lang, and each other language is a file here. It also has the words
// for what comes without any that a person can read: [Why] something failed, what one [May]
// do, dates, roles.
package text

import (
	"embed"
	"os"

	"fyne.io/fyne/v2/lang"
)

//go:embed catalogue/*.json
var catalogue embed.FS

// Use reads the catalogue. language is such as "de"; "": the system's. It is called once,
// before there is a window.
func Use(language string) error {
	if language != "" {
		for _, name := range []string{"LANGUAGE", "LC_ALL"} { // where package lang looks
			if err := os.Setenv(name, language); err != nil {
				return err
			}
		}
	}
	return lang.AddTranslationsFS(catalogue, "catalogue")
}

// Language gives a language's file, for tests.
func Language(name string) ([]byte, error) { return catalogue.ReadFile("catalogue/" + name + ".json") }
