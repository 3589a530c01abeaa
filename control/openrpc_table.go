package control

import "github.com/voiceapp-sdk/voiceapp"

// documentation is what OpenRPC says of a method beyond its parameters.
type documentation struct {
	summary string
	result  any // the zero value of what answers it
}

// eventDocumentation is what OpenRPC says of an event.
type eventDocumentation struct {
	summary string
	params  any // the zero value
}

// documented has an entry for each method. It does not change.
var documented = map[string]documentation{
	methodInfo:      {"What the server is.", ServerInfo{}},
	methodPing:      {"Nothing: measures the way there and back.", empty{}},
	methodOpen:      {"Log in, with a password, a device's token, or as a guest.", openResult{}},
	methodChallenge: {"What a device has to sign to prove its key.", challengeResult{}},
	methodResume:    {"Take a session up again that has lost its connection.", openResult{}},
	methodClose:     {"Log out.", empty{}},
	methodSessions:  {"Who is here.", sessionsResult{}},

	methodClaim:       {"Be the owner, by the one-time token.", accountResult{}},
	methodRegister:    {"Make an account.", accountResult{}},
	methodSetPassword: {"Change one's password.", empty{}},
	methodRename:      {"Change one's account's name.", accountResult{}},
	methodRemember:    {"Make a token with which this device logs in.", rememberResult{}},
	methodDevices:     {"The devices that are remembered.", devicesResult{}},
	methodRevoke:      {"Forget a device.", empty{}},
	methodForget:      {"Forget the device that has this token.", empty{}},

	methodNewInvite:    {"Make an invite.", newInviteResult{}},
	methodInvites:      {"The invites that are open.", invitesResult{}},
	methodDeleteInvite: {"Withdraw an invite.", empty{}},

	methodChannels: {"The channels.", channelsResult{}},
	methodJoin:     {"Enter a channel.", joinResult{}},
	methodLeave:    {"Leave the channel.", empty{}},
	methodCreate:   {"Make a channel.", channelResult{}},
	methodEdit:     {"Alter a channel.", channelResult{}},
	methodMove:     {"Move a channel in the tree.", channelResult{}},
	methodDelete:   {"Remove a channel.", empty{}},
	methodExplain:  {"What someone may do in a channel, and why not.", voiceapp.Permissions{}},

	methodKick:       {"End someone's session.", empty{}},
	methodMute:       {"Let someone not be heard, or be heard again.", empty{}},
	methodDeafen:     {"Let someone hear nothing, or hear again.", empty{}},
	methodMoveUser:   {"Put someone into another channel.", empty{}},
	methodBan:        {"Keep someone out: an account, a device, addresses.", banResult{}},
	methodBans:       {"The bans.", bansResult{}},
	methodEditBan:    {"Alter a ban's reason and end.", banResult{}},
	methodLiftBan:    {"Let someone in again.", empty{}},
	methodUsers:      {"The accounts.", usersResult{}},
	methodSetRole:    {"Give an account another role.", accountResult{}},
	methodRenameUser: {"Rename an account.", accountResult{}},
	methodDeleteUser: {"Remove an account.", empty{}},
	methodAudit:      {"Who did what.", auditResult{}},

	methodUpdateSelf:  {"Mute or deafen oneself, or say that one records.", empty{}},
	methodWhisper:     {"Say whom a slot whispers to.", empty{}},
	methodListen:      {"Hear another channel too.", empty{}},
	methodUnlisten:    {"Hear it no more.", empty{}},
	methodSetPriority: {"Have the others turned down while someone speaks.", empty{}},
	methodStats:       {"How someone's voice gets through.", statsResult{}},

	methodChat:       {"Write to a channel, to someone, or to everyone.", chatResult{}},
	methodHistory:    {"What was written before.", historyResult{}},
	methodEditChat:   {"Alter a message of one's own.", messageResult{}},
	methodDeleteChat: {"Remove a message.", empty{}},
}

// documentedEvents has an entry for each event. It does not change.
var documentedEvents = map[string]eventDocumentation{
	eventJoined:         {"Sessions that are new.", usersEvent{}},
	eventUpdated:        {"Sessions that are not as they were.", usersEvent{}},
	eventLeft:           {"Sessions that have ended.", leftEvent{}},
	eventChannelUpdated: {"Channels that are new, or not as they were.", channelUpdatedEvent{}},
	eventChannelDeleted: {"Channels that are no more.", channelDeletedEvent{}},
	eventChat:           {"A message.", voiceapp.Message{}},
	eventChatEdited:     {"A message was altered.", voiceapp.Message{}},
	eventChatDeleted:    {"A message was removed.", chatGone{}},
	eventActivity:       {"Who has begun to talk, and who has ended.", activityEvent{}},
	eventGranted:        {"Another voice grant.", grantedEvent{}},
	eventDatagram:       {"A voice datagram, both ways.", datagramEvent{}},
	eventClosed:         {"The last line: why the server ends the connection.", closedEvent{}},
}

// errorCodes are the codes of errors that a client may meet.
var errorCodes = []voiceapp.Code{
	voiceapp.BadCredentials, voiceapp.BadRequest, voiceapp.Banned, voiceapp.Busy, voiceapp.Conflict, voiceapp.Exists, voiceapp.Forbidden,
	voiceapp.Internal, voiceapp.Invalid, voiceapp.Kicked, voiceapp.Limited, voiceapp.LoginRequired, voiceapp.NotFound, voiceapp.TooLarge,
	voiceapp.Unavailable, voiceapp.UnknownMethod,
}
