// Package ui is the screens of the desktop client, in Fyne.
//
//	app.go        the window: a tab for the list of servers, one for each that one is on
//	servers.go    the list, of rows as in serverrow.go; edit.go changes an entry,
//	              signout.go removes one, status.go asks who is there
//	connect.go    the steps of a connection, and what has to be asked meanwhile
//	talk.go       a server: people.go who is where, chat.go what is written, bar.go one's own voice, recording.go,
//	              banner.go what is not as it should be
//	person.go     what one can do with somebody; room.go with a channel
//	tray.go       how one is, in the desktop's tray
//	preferences.go and its pages: voice, keys, look, plugins
//
// Everything here belongs to Fyne's goroutine. What waits for a network runs beside it, by
// [App.work], and comes back by fyne.Do.
//
// Texts are written in English in the code, by lang.L and lang.N; the other languages are in
// package text, and a test finds what is missing there. An error has its words from there,
// by why and brief, and never from its own Error.
package ui
