package bookmarks

// ReadAgain reads the file as Watch does, and reports whether it was another.
func ReadAgain(b *Book) bool { return b.readAgain() }
