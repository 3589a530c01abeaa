package ui

import "github.com/voiceapp-sdk/voiceapp/examples/fyne/session"

// TreeRow is a row of the tree.
type TreeRow = treeRow

// Name is whose row it is.
func (r *treeRow) Name() string { return r.name.Text }

// Arrow is where its arrow is, from left to right.
func (r *treeRow) Arrow() (from, to float32) {
	return r.fold.Position().X, r.fold.Position().X + r.fold.Size().Width
}

// Hearing is how one hears somebody on the server that is shown.
func (a *App) Hearing(name string) (h session.Hearing) {
	for _, list := range a.current().everybody() {
		for _, p := range list {
			if p.Name == name {
				h = a.current().session.Hearing(p.Session)
			}
		}
	}
	return h
}
