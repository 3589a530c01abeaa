package bookmarks_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

// writer, in its environment, makes this program a writer of that file instead of a test.
const writer = "VOICEAPP_TEST_WRITER"

// writes is how many changes each process makes; VOICEAPP_CRASH is how many there are to be,
// and how often a writer is killed.
func times(t *testing.T, usual int) int {
	t.Helper()
	text := os.Getenv("VOICEAPP_CRASH")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("VOICEAPP_CRASH is %q, not a number", text)
	}
	return n
}

// writeForever adds bookmarks, n of them or until it is killed, and says each that is
// kept.
func writeForever(path, label string, n int) error {
	book, err := bookmarks.Open(path)
	if err != nil {
		return err
	}
	for i := 0; n == 0 || i < n; i++ {
		one, err := book.Add(bookmarks.Bookmark{Label: label, Address: fmt.Sprintf("host%d.example", i)})
		if err != nil {
			return err
		}
		fmt.Println(one.ID)
		if n == 0 && i%20 == 19 { // so that the file does not grow for ever
			for _, old := range book.List()[:15] {
				if err := book.Remove(old.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func writing(path, label string, n int) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writer+"="+path, "LABEL="+label, "COUNT="+strconv.Itoa(n))
	return cmd
}

// Two programs that write at the same time lose nothing.
func TestTwoProcesses(t *testing.T) {
	path, n := newPath(t), times(t, 100)
	start := time.Now()
	var both sync.WaitGroup
	for _, label := range []string{"one", "two"} {
		both.Go(func() {
			if out, err := writing(path, label, n).CombinedOutput(); err != nil {
				t.Errorf("%s: %v, %s", label, err, out)
			}
		})
	}
	both.Wait()
	count := map[string]int{}
	for _, b := range openBook(t, path).List() {
		count[b.Label]++
	}
	if count["one"] != n || count["two"] != n {
		t.Errorf("of %d each there are %v", n, count)
	}
	fmt.Printf("processes=2 writes=%d took=%v\n", 2*n, time.Since(start).Round(time.Millisecond))
}

// A program that is killed while it writes leaves the old file or the new one, whole.
func TestKillWhileWriting(t *testing.T) {
	path, n := newPath(t), times(t, 25)
	for i := range n {
		cmd := writing(path, "killed", 0)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := make([]byte, 1)
		if _, err := out.Read(said); err != nil { // it has begun
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i%17) * time.Millisecond / 2)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		if _, err := bookmarks.Open(path); err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
	}
	fmt.Printf("kills=%d kept=%d\n", n, len(openBook(t, path).List()))
}
