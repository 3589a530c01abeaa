package archive_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/archive"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "voiceapp-example-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	data := filepath.Join(dir, "data")
	db, err := store.Open(ctx, filepath.Join(data, archive.Database), store.Options{Log: quiet})
	if err != nil {
		panic(err)
	}
	defer db.Close()

	file := filepath.Join(dir, "monday.tar")
	manifest, err := archive.Create(ctx, data, file, archive.Options{Program: "example"})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(manifest.Files), "file")

	result, err := archive.Restore(ctx, file, filepath.Join(dir, "elsewhere"))
	if err != nil {
		panic(err)
	}
	fmt.Println("made by", result.Manifest.Program)
	// Output:
	// 1 file
	// made by example
}
