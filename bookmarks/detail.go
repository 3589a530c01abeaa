package bookmarks

import "github.com/voiceapp-sdk/voiceapp"

// The details of this package's errors.
const (
	Newer      voiceapp.Detail = "bookmarks_newer"      // a newer version has written the file
	Unreadable voiceapp.Detail = "bookmarks_unreadable" // the cause says why
	SetAside   voiceapp.Detail = "bookmarks_set_aside"  // the file was damaged; About: where it is now
	Damaged    voiceapp.Detail = "bookmarks_damaged"    // by another program; About: the file
	Unwritten  voiceapp.Detail = "bookmarks_unwritten"  // the cause says why
	Gone       voiceapp.Detail = "bookmark_gone"        // there is no such bookmark any more
	NoAddress  voiceapp.Detail = "bookmark_address"     // a bookmark needs one
	NotOneLine voiceapp.Detail = "bookmark_line"        // a label and a folder are one line
	NoList     voiceapp.Detail = "bookmarks_no_list"    // what is imported is no list of servers
	TooLarge   voiceapp.Detail = "bookmarks_too_large"  // that too, for it is too large

	NoKeyring     voiceapp.Detail = "no_keyring"
	KeyringLocked voiceapp.Detail = "keyring_locked"
	KeyringSilent voiceapp.Detail = "keyring_silent" // it does not answer; it may wait for a person
	TokensDamaged voiceapp.Detail = "tokens_damaged" // About: their file
)
