//go:build desktop

package main

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// display is an X server without a screen.
type display struct {
	t    *testing.T
	name string
	x    *xgb.Conn
}

const displayWidth, displayHeight = 1280, 720

// startDisplay starts one, and has this process and its children use it.
func startDisplay(t *testing.T) *display {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", displayWidth, displayHeight), "-nolisten", "tcp")
	server.ExtraFiles = []*os.File{write}
	if err := server.Start(); err != nil {
		t.Fatalf("Xvfb is needed (apt-get install xvfb xdotool): %v", err)
	}
	write.Close()
	t.Cleanup(func() {
		_ = server.Process.Kill() // it may have ended
		_ = server.Wait()
	})
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal("Xvfb did not say which display it is: ", err)
	}
	d := &display{t: t, name: ":" + strings.TrimSpace(number)}
	t.Setenv("DISPLAY", d.name)
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("LIBGL_ALWAYS_SOFTWARE", "1")
	if d.x, err = xgb.NewConnDisplay(d.name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.x.Close)
	return d
}

// shot is what is on the screen.
func (d *display) shot() *image.RGBA {
	d.t.Helper()
	root := xproto.Setup(d.x).DefaultScreen(d.x).Root
	got, err := xproto.GetImage(d.x, xproto.ImageFormatZPixmap, xproto.Drawable(root), 0, 0, displayWidth, displayHeight, ^uint32(0)).Reply()
	if err != nil {
		d.t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, displayWidth, displayHeight))
	for i := 0; i+3 < len(got.Data); i += 4 { // blue, green, red, nothing
		img.SetRGBA(i/4%displayWidth, i/4/displayWidth, color.RGBA{got.Data[i+2], got.Data[i+1], got.Data[i], 0xff})
	}
	return img
}

// painted reports whether the window shows something: Xvfb's screen is black at first.
func (d *display) painted() bool {
	img := d.shot()
	colors := map[color.RGBA]bool{}
	for x := 0; x < displayWidth; x += 4 {
		for y := 0; y < displayHeight; y += 4 {
			colors[img.RGBAAt(x, y)] = true
		}
	}
	return len(colors) > 8
}

// save writes what is on the screen into shots/NAME.png.
func (d *display) save(name string) {
	d.t.Helper()
	if err := os.MkdirAll("shots", 0o755); err != nil {
		d.t.Fatal(err)
	}
	file, err := os.Create(filepath.Join("shots", name+".png"))
	if err != nil {
		d.t.Fatal(err)
	}
	if err := png.Encode(file, d.shot()); err != nil {
		d.t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		d.t.Fatal(err)
	}
}

// place is a place of the screen.
type place struct{ x, y int }

// click clicks there.
func (d *display) click(at place) {
	d.t.Helper()
	out, err := exec.Command("xdotool", "mousemove", strconv.Itoa(at.x), strconv.Itoa(at.y), "click", "1").CombinedOutput()
	if err != nil {
		d.t.Fatalf("xdotool: %v, %s", err, out)
	}
}

// wheelDown turns the wheel there, down to the end of what is shown.
func (d *display) wheelDown(at place) {
	d.t.Helper()
	out, err := exec.Command("xdotool", "mousemove", strconv.Itoa(at.x), strconv.Itoa(at.y), "click", "--repeat", "40", "5").CombinedOutput()
	if err != nil {
		d.t.Fatalf("xdotool: %v, %s", err, out)
	}
}

// key presses a key, or lets go of it: "keydown" and "keyup".
func (d *display) key(how, name string) {
	d.t.Helper()
	if out, err := exec.Command("xdotool", how, name).CombinedOutput(); err != nil {
		d.t.Fatalf("xdotool: %v, %s", err, out)
	}
}

// until waits for what has to come.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("this never came: %s", what)
		}
	}
}
