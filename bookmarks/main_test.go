package bookmarks_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(writer); path != "" {
		n, err := strconv.Atoi(os.Getenv("COUNT"))
		if err == nil {
			err = writeForever(path, os.Getenv("LABEL"), n)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}
