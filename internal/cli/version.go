package cli

import (
	"runtime/debug"
	"strings"
)

// Version says which build of the module this program is: a released version,
// or "devel" with the commit where that is known.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return buildVersion(info)
}

func buildVersion(info *debug.BuildInfo) string {
	version := strings.TrimPrefix(info.Main.Version, "v")
	if version != "" && version != "(devel)" {
		return version
	}
	version = "devel"
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			version += "-" + s.Value[:12]
		}
	}
	return version
}
