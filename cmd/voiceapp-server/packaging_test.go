package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/internal/config"
)

const (
	packaging = "../../packaging"
	unitFile  = packaging + "/systemd/voiceapp-server.service"
)

// linesOf gives the lines of a file that are not empty and no comment, with those
// that go on put together.
func linesOf(t *testing.T, path string) (lines []string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	whole := ""
	for s := bufio.NewScanner(file); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if part, more := strings.CutSuffix(line, `\`); more {
			whole += part
			continue
		}
		lines = append(lines, whole+line)
		whole = ""
	}
	return lines
}

var variable = regexp.MustCompile(`VOICEAPP_[A-Z_]+`)

// What the packaging sets has to be settings that there are.
func TestPackagingNamesSettings(t *testing.T) {
	var reference strings.Builder
	config.New("serve", defaultSettings()).Reference(&reference)
	known := variable.FindAllString(reference.String(), -1)
	for _, name := range []string{"systemd/voiceapp-server.service", "docker/Dockerfile", "docker/compose.yaml", "README.md"} {
		text, err := os.ReadFile(filepath.Join(packaging, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range variable.FindAllString(string(text), -1) {
			if v != "VOICEAPP_" && !slices.Contains(known, v) {
				t.Errorf("%s: %s is no setting", name, v)
			}
		}
	}
}

func TestUnitIsHardened(t *testing.T) {
	lines := linesOf(t, unitFile)
	for _, want := range []string{
		"Type=notify", "ExecStart=/usr/local/bin/voiceapp-server serve", "ExecReload=/bin/kill -HUP $MAINPID",
		"DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes",
		"SystemCallFilter=@system-service", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "StateDirectory=voiceapp", "UMask=0077",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("the unit lacks %s", want)
		}
	}
}

// systemd itself says that it knows each line, and what is left open.
func TestUnitIsWhatSystemdTakes(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	text, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "voiceapp-server.service")
	if err := os.WriteFile(unit, []byte(strings.Replace(string(text), "/usr/local/bin/voiceapp-server", self, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--threshold=15", unit).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// dockerfile is the Dockerfile by its instructions, each with what stands behind it.
func dockerfile(t *testing.T) (all [][2]string) {
	t.Helper()
	for _, line := range linesOf(t, packaging+"/docker/Dockerfile") {
		name, rest, _ := strings.Cut(line, " ")
		all = append(all, [2]string{name, strings.TrimSpace(rest)})
	}
	return all
}

// last gives what stands behind the last instruction of a name.
func last(instructions [][2]string, name string) string {
	for _, i := range slices.Backward(instructions) {
		if i[0] == name {
			return i[1]
		}
	}
	return ""
}

func TestDockerfile(t *testing.T) {
	instructions := dockerfile(t)
	for name, want := range map[string]string{
		"FROM": "scratch", "USER": "65532:65532", "ENTRYPOINT": `["/voiceapp-server"]`, "VOLUME": "/data", "STOPSIGNAL": "SIGTERM",
		"EXPOSE": "7788/tcp 7788/udp 7789/tcp",
	} {
		if got := last(instructions, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	command := regexp.MustCompile(`CMD \["/voiceapp-server", "([a-z-]+)"\]$`).FindStringSubmatch(last(instructions, "HEALTHCHECK"))
	if command == nil || !slices.ContainsFunc(commandNames(), func(name string) bool { return name == command[1] }) {
		t.Errorf("the health check is %q, which is no command", last(instructions, "HEALTHCHECK"))
	}
	for _, i := range instructions {
		switch {
		case i[0] == "ADD":
			t.Errorf("ADD %s: COPY does no more than it says", i[1])
		case i[0] == "RUN" && !strings.Contains(i[1], "go "):
			t.Errorf("RUN %s: only Go is run", i[1])
		case i[0] == "FROM" && i[1] != "scratch" && (!strings.Contains(i[1], ":") || strings.Contains(i[1], ":latest")):
			t.Errorf("FROM %s: no version", i[1])
		}
	}
	if build := last(instructions[:len(instructions)-1], "RUN"); !strings.Contains(build, "CGO_ENABLED=0") || !strings.Contains(build, "GOARCH=$TARGETARCH") {
		t.Errorf("the build is %q", build)
	}
}

func commandNames() (names []string) {
	for _, c := range program().Commands {
		names = append(names, c.Name)
	}
	return names
}

// The image builds with the Go that the module asks for.
func TestDockerfileHasTheModulesGo(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (1\.\d+)`).FindSubmatch(text)
	if version == nil {
		t.Fatal("go.mod names no version")
	}
	if from := dockerfile(t)[0]; from[0] != "FROM" || !strings.Contains(from[1], "golang:"+string(version[1])+"-") {
		t.Errorf("%s is not Go %s", from, version[1])
	}
}

// What is kept from the build must not be part of the program.
func TestDockerignoreLeavesTheProgram(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("go is not on the path")
	}
	out, err := exec.CommandContext(t.Context(), goTool, "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/voiceapp-sdk/voiceapp/"
	for _, pattern := range linesOf(t, "../../.dockerignore") {
		for _, path := range strings.Fields(string(out)) {
			dir := strings.TrimPrefix(path, module)
			if dir == pattern || strings.HasPrefix(dir, pattern+"/") {
				t.Errorf(".dockerignore leaves out %s, which the program needs", dir)
			}
		}
	}
}
