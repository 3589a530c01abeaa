// Command voiceapp-desktop is the desktop client: the packages of this module, assembled
// behind a window.
//
//	voiceapp-desktop             the window
//	voiceapp-desktop LINK        follow a voiceapp:// link, in the window that is open where there is one
//	voiceapp-desktop ptt on      and off, toggle, mute, deafen: for keys that the desktop binds
//
// Its own code is screens and what they remember:
//
//	ui        the screens, in Fyne
//	session   one's place on one server, as a screen shows it
//	sound     the microphone and the loudspeaker, shared by all talks
//	settings  what is remembered between two starts
//	hotkey    keys that work while another program has the focus
//	instance  one client for each user, and what other programs may tell it
//	sounds    who comes and goes, by ear
//	text      the languages
//	desktop   what makes it known to a desktop: icon, .desktop file
//
// Everything else is imported: control, voice, voice/device, plugin and bookmarks. It
// needs cgo, the headers of the codec, and those of X11, Wayland and OpenGL: make desktop
// builds it and says what is missing.
package main
