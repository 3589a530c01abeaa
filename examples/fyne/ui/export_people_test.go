package ui

// TreeRow is a row of the tree.
type TreeRow = treeRow

// Name is whose row it is.
func (r *treeRow) Name() string { return r.name.Text }

// Arrow is where its arrow is, from left to right.
func (r *treeRow) Arrow() (from, to float32) {
	return r.fold.Position().X, r.fold.Position().X + r.fold.Size().Width
}
