package bookmarks_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
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

// writeForever adds bookmarks, n of them or until it is killed, and says "+" and the id of
// each that is kept, and "-" before one is removed.
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
		fmt.Println("+" + one.ID)
		if n == 0 && i%20 == 19 { // so that the file does not grow for ever
			for _, old := range book.List()[:15] {
				fmt.Println("-" + old.ID)
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

// A program that is killed while it writes leaves the old file or the new one, whole: the
// file is there, and all in it that was said to be kept.
func TestKillWhileWriting(t *testing.T) {
	path, n := newPath(t), times(t, 200)
	kept := make(map[string]bool)
	start := time.Now()
	for i := range n {
		killWriter(t, path, time.Duration(i%17)*time.Millisecond/2, kept)
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("kill %d: the file has gone: %v", i, err)
		}
		book, err := bookmarks.Open(path)
		if err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		for id := range kept {
			if _, err := book.Get(id); err != nil {
				t.Fatalf("kill %d: of %d that were kept one is lost: %v", i, len(kept), err)
			}
		}
	}
	fmt.Printf("kills=%d kept=%d took=%v\n", n, len(kept), time.Since(start).Round(time.Millisecond))
}

// killWriter has a program write, kills it a while after its first word, and brings up to
// date what it said to be kept.
func killWriter(t *testing.T, path string, after time.Duration, kept map[string]bool) {
	t.Helper()
	cmd := writing(path, "killed", 0)
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	for killed := false; ; {
		line, err := out.ReadString('\n')
		if err != nil {
			break
		}
		id := strings.TrimSpace(line[1:])
		if kept[id] = line[0] == '+'; !kept[id] {
			delete(kept, id)
		}
		if !killed {
			killed = true
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may be dead of an error, which is seen
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the writer ended by itself: %v", err)
	}
}
