// Package desktop is what a Linux desktop has to know of the client: a menu entry that also opens
// voiceapp:// links, an icon, and a description for software centres.
//
//	install -Dm644 org.voiceapp.desktop.desktop      $PREFIX/share/applications/org.voiceapp.desktop.desktop
//	install -Dm644 org.voiceapp.desktop.svg          $PREFIX/share/icons/hicolor/scalable/apps/org.voiceapp.desktop.svg
//	install -Dm644 org.voiceapp.desktop.png          $PREFIX/share/icons/hicolor/256x256/apps/org.voiceapp.desktop.png
//	install -Dm644 org.voiceapp.desktop.metainfo.xml $PREFIX/share/metainfo/org.voiceapp.desktop.metainfo.xml
//	update-desktop-database $PREFIX/share/applications
//	xdg-mime default org.voiceapp.desktop.desktop x-scheme-handler/voiceapp
//
// The files are named by [ID], which a Wayland compositor and the desktop's portals know a
// program by. The PNG is made of the SVG: rsvg-convert -w 256 -h 256.
package desktop

import _ "embed"

// ID is the program's name among all programs: of its files here, of its windows on Wayland, and
// towards portals.
const ID = "org.voiceapp.desktop"

//go:embed org.voiceapp.desktop.png
var icon string

// Icon returns the icon as a PNG of 256 by 256 pixels. The slice is the caller's.
func Icon() []byte { return []byte(icon) }
