package bookmarks

// ReadAgain reads the file as Watch does, and reports whether it was another.
func ReadAgain(b *Book) bool { return b.readAgain() }

// OpenSecretsWith is OpenSecrets with a keyring that does this, whatever it is asked.
func OpenSecretsWith(dir string, do func(service, user string) (string, error)) Secrets {
	s := OpenSecrets(dir).(*secrets)
	s.get = do
	s.set = func(service, user, _ string) error { _, err := do(service, user); return err }
	s.remove = func(service, user string) error { _, err := do(service, user); return err }
	return s
}
