package ui

// NewKeyEntry makes a field of the settings' page of keys.
func NewKeyEntry(key string, a *App, set func(string)) *keyEntry {
	return newKeyEntry(key, &a.keys, set)
}
