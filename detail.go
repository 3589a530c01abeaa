package voiceapp

// Detail says to a machine which of a [Code]'s cases an [Error] is: what to tell a person,
// in his language, and what he can do. Like a code it is an error, so that
// errors.Is(err, voiceapp.ServerFull) asks for it, and stable. Most errors have none, and a
// server may say one that a client does not know: the code is what to branch on then.
// Packages add details of their own.
type Detail string

// The details of what a person enters, all of [Invalid].
const (
	TextEmpty        Detail = "text_empty"
	TextTooLong      Detail = "text_too_long"      // Limit: the most characters
	TextCharacter    Detail = "text_character"     // it holds one that it can't have
	NameEmpty        Detail = "name_empty"         // of a user or a channel
	NameTooLong      Detail = "name_too_long"      // Limit: the most characters
	NameSpace        Detail = "name_space"         // it begins or ends with space
	NameCharacter    Detail = "name_character"     // it holds one that names can't have
	PasswordTooShort Detail = "password_too_short" // Limit: the least bytes
	PasswordTooLong  Detail = "password_too_long"  // Limit: the most bytes
	NoLink           Detail = "no_link"            // it is none to a server
	LinkPassword     Detail = "link_password"      // a link holds one, and must not
	BadLink          Detail = "bad_link"           // a part of a link can't be read
	BadHost          Detail = "bad_host"           // neither a name nor an IP address
	BadPort          Detail = "bad_port"           // none from 1 to 65535
	BadFingerprint   Detail = "bad_fingerprint"    // not 64 hexadecimal digits
)

// The details of logging in, and of the end of a session.
const (
	NameRegistered  Detail = "name_registered"   // [Exists]: it is an account's, which has a password
	NameInUse       Detail = "name_in_use"       // [Exists]: somebody who is here has it
	NameTaken       Detail = "name_taken"        // [Exists]: by an account, or by a channel beside
	NoGuests        Detail = "no_guests"         // [Forbidden]: one needs an account
	InviteNeeded    Detail = "invite_needed"     // [Forbidden]: to make an account
	NoRegistration  Detail = "no_registration"   // [Forbidden], [Conflict]: nobody makes accounts
	InviteSpent     Detail = "invite_spent"      // [BadCredentials]: it is wrong, used up or too old
	DeviceForgotten Detail = "device_forgotten"  // [BadCredentials]: the device's token is none any more
	SessionOver     Detail = "session_over"      // [BadCredentials]: it can't be resumed
	TooManyAttempts Detail = "too_many_attempts" // [Limited]: wrong passwords
	TooManyAccounts Detail = "too_many_accounts" // [Limited]: were made from one address
	TooManySessions Detail = "too_many_sessions" // [Limited]: of one account
	ServerFull      Detail = "server_full"       // [Busy]
	OtherVersion    Detail = "other_version"     // [Invalid]: of the protocol
	Stopping        Detail = "stopping"          // [Unavailable]: the server is
	AccountDeleted  Detail = "account_deleted"   // [Kicked]
	PasswordChanged Detail = "password_changed"  // [Kicked]: of one's account, by another
)

// The details of what one does on a server.
const (
	RoleTooLow       Detail = "role_too_low"       // [Forbidden]: Needs says which would do
	RoleNotLower     Detail = "role_not_lower"     // [Forbidden]: one acts on lower roles only
	NotYours         Detail = "not_yours"          // [Forbidden]: a message is another's
	MayNotBeThere    Detail = "may_not_be_there"   // [Forbidden]: who is to be moved to a channel
	NotOffered       Detail = "not_offered"        // [Forbidden]: the server does not do that
	ChannelFull      Detail = "channel_full"       // [Busy]: Limit: the most people
	NoChannel        Detail = "no_channel"         // [NotFound]: About: its name, where it is known
	NobodyHere       Detail = "nobody_here"        // [NotFound]: no such session, any more
	NoMessage        Detail = "no_message"         // [NotFound]
	NotHere          Detail = "not_here"           // [NotFound]: to whom one writes, and it would not be kept
	NoAccount        Detail = "no_account"         // [NotFound]
	NotInChannel     Detail = "not_in_channel"     // [Conflict]: one is in none
	LastOwner        Detail = "last_owner"         // [Conflict]: there has to be one
	NothingToBan     Detail = "nothing_to_ban"     // [Conflict]: neither account, device nor address
	TooFast          Detail = "too_fast"           // [Limited]: messages
	TooManyChannels  Detail = "too_many_channels"  // [Limited]: Limit: the most
	TooMuchListening Detail = "too_much_listening" // [Limited]: Limit: the most channels
	DiskFull         Detail = "disk_full"          // [Busy]: the server's
)

// The details of a [Permission] that is not given, beside [RoleTooLow] and [ChannelFull].
const (
	Muted     Detail = "muted"      // by the server
	SelfMuted Detail = "self_muted" // by own choice
	UnderBan  Detail = "under_ban"
)

// Error makes a detail an error.
func (d Detail) Error() string { return string(d) }

// Details returns the details of this package, each once. The slice is the caller's.
func Details() []Detail {
	return []Detail{
		TextEmpty, TextTooLong, TextCharacter, NameEmpty, NameTooLong, NameSpace, NameCharacter, PasswordTooShort, PasswordTooLong,
		NoLink, LinkPassword, BadLink, BadHost, BadPort, BadFingerprint,
		NameRegistered, NameInUse, NameTaken, NoGuests, InviteNeeded, NoRegistration, InviteSpent, DeviceForgotten, SessionOver,
		TooManyAttempts, TooManyAccounts, TooManySessions, ServerFull, OtherVersion, Stopping, AccountDeleted, PasswordChanged,
		RoleTooLow, RoleNotLower, NotYours, MayNotBeThere, NotOffered, ChannelFull, NoChannel, NobodyHere, NoMessage, NotHere, NoAccount,
		NotInChannel, LastOwner, NothingToBan, TooFast, TooManyChannels, TooMuchListening, DiskFull,
		Muted, SelfMuted, UnderBan,
	}
}
