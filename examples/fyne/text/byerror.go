package text

import (
	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/instance"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
)

const (
	unknown       word = "It did not work: {{.Said}}"
	noChannelOf   word = "There is no channel “{{.About}}”."
	bannedForGood word = "You are banned from this server for good."
)

// byCode is what the codes mean. Those that say little have the error's own text in them.
var byCode = map[voiceapp.Code]phrase{
	voiceapp.Internal:       {"There is a fault that should not be: {{.Said}}", "If it is the server's, its admins find more in its log."},
	voiceapp.Invalid:        {"That can't be taken: {{.Said}}", ""},
	voiceapp.NotFound:       {"It is not there: {{.Said}}", ""},
	voiceapp.Exists:         {"It is there already: {{.Said}}", "Choose another name."},
	voiceapp.Forbidden:      {"You may not do that: {{.Said}}", ""},
	voiceapp.Conflict:       {"That does not fit how things are now: {{.Said}}", ""},
	voiceapp.LoginRequired:  {"The server waits for a login first.", "Connect again."},
	voiceapp.BadCredentials: {"The name or the password is wrong.", "See how both are written; capital letters count."},
	voiceapp.Limited:        {"That was too much at once.", "Try again later."},
	voiceapp.TooLarge:       {"That is too large to be sent.", "Send less at once."},
	voiceapp.Busy:           {"The server has too much to do at present.", "Try again in a moment."},
	voiceapp.Unavailable:    {"That can't be had at present: {{.Said}}", "Try again later."},
	voiceapp.UnknownMethod:  {"The server does not know how to do that.", "It may be older than this program: ask its admins."},
	voiceapp.BadRequest:     {"What was said can't be understood: {{.Said}}", "See whether there is a newer voiceapp, for you or for the server."},
	voiceapp.KeyChanged:     {"The server shows another key than before. Somebody may be listening in; nothing was sent to it.", "If its owner tells you that the key was changed, edit the saved server and forget its key."},
	voiceapp.Kicked:         {"A moderator has thrown you off the server.", ""},
	voiceapp.Banned:         {"You are banned from this server until {{.Until}}.", "Its admins can take that back."},
}

// byDetail is what the details mean, and what a person can do.
var byDetail = map[voiceapp.Detail]phrase{
	voiceapp.TextEmpty:        {"Nothing is written yet.", "Write something first."},
	voiceapp.TextTooLong:      {"The text is too long: it has at most {{.Limit}} characters.", "Shorten it."},
	voiceapp.TextCharacter:    {"The text holds a character that it can't have.", "It may have come with what was pasted: take it out."},
	voiceapp.NameEmpty:        {"A name is needed.", ""},
	voiceapp.NameTooLong:      {"The name is too long: it has at most {{.Limit}} characters.", "Shorten it."},
	voiceapp.NameSpace:        {"The name begins or ends with a space.", "Take that out."},
	voiceapp.NameCharacter:    {"The name holds a character that names can't have, such as a slash.", "Choose another name."},
	voiceapp.PasswordTooShort: {"The password is too short: it has at least {{.Limit}} characters.", "Choose a longer one."},
	voiceapp.PasswordTooLong:  {"The password is too long: it has at most {{.Limit}} characters.", "Shorten it."},
	voiceapp.NoLink:           {"That is no link to a server.", "Such a link begins with voiceapp:// and the server's address."},
	voiceapp.LinkPassword:     {"The link holds a password, which links must not.", "Take it out, and change it if others have seen it."},
	voiceapp.BadLink:          {"The link can't be read.", "Ask for it again, or add the server by hand."},
	voiceapp.BadHost:          {"That is no server's address.", "It is a name such as voice.example, or an IP address."},
	voiceapp.BadPort:          {"That is no port.", "It is a number from 1 to 65535."},
	voiceapp.BadFingerprint:   {"That is no server's key.", "It is 64 digits and letters from a to f, as the server prints them."},

	voiceapp.NameRegistered:  {"The name belongs to an account.", "Log in with its password, or choose another name."},
	voiceapp.NameInUse:       {"Somebody who is here has that name.", "Choose another name."},
	voiceapp.NameTaken:       {"The name is taken.", "Choose another name."},
	voiceapp.NoGuests:        {"The server takes no guests.", "Log in with the password of your account."},
	voiceapp.InviteNeeded:    {"The server makes accounts for those who have an invite.", "Ask its admins for one."},
	voiceapp.NoRegistration:  {"The server makes no accounts for who asks.", "Ask its admins for one."},
	voiceapp.InviteSpent:     {"The invite is wrong, used up or too old.", "Ask for another one."},
	voiceapp.DeviceForgotten: {"The server no longer remembers this device.", "Log in with your password."},
	voiceapp.SessionOver:     {"Your session on the server is over.", "Connect again."},
	voiceapp.TooManyAttempts: {"There were too many wrong passwords.", "Try again later."},
	voiceapp.TooManyAccounts: {"Too many accounts were made from your address.", "Try again later."},
	voiceapp.TooManySessions: {"Your account is on the server too many times.", "Leave it elsewhere first, or try again in a minute."},
	voiceapp.ServerFull:      {"The server is full.", "Try again when somebody has left."},
	voiceapp.OtherVersion:    {"The server speaks another version of the protocol.", "See whether there is a newer voiceapp, for you or for the server."},
	voiceapp.Stopping:        {"The server is being stopped.", "It may be back in a moment."},
	voiceapp.AccountDeleted:  {"Your account on this server was deleted.", "Its admins can tell you more."},
	voiceapp.PasswordChanged: {"Your account on this server was given another password.", "Log in with that one; its admins can tell you more."},

	voiceapp.RoleTooLow:       {"That takes the role “{{.Role}}”.", "The server's admins can give it to you."},
	voiceapp.RoleNotLower:     {"Their role is not lower than yours.", "Ask somebody with a higher role."},
	voiceapp.NotYours:         {"The message is not yours.", "Only who wrote it can change it."},
	voiceapp.MayNotBeThere:    {"Their role is too low for that channel.", "Choose another one."},
	voiceapp.NotOffered:       {"This server does not offer that.", ""},
	voiceapp.ChannelFull:      {"The channel is full.", "Try again when somebody has left it."},
	voiceapp.NoChannel:        {"There is no such channel.", "It may be gone, or not be for you to see."},
	voiceapp.NobodyHere:       {"They are not here any more.", ""},
	voiceapp.NoMessage:        {"The message is gone.", ""},
	voiceapp.NotHere:          {"They are not here, and this server keeps no messages for later.", "Write when they are here."},
	voiceapp.NoAccount:        {"There is no such account.", "It may have been deleted."},
	voiceapp.NotInChannel:     {"You are in no channel.", "Join one first."},
	voiceapp.LastOwner:        {"That is the last owner of the server.", "Make another one first."},
	voiceapp.NothingToBan:     {"There is nothing by which to ban them: no account, no device and no known address.", "You can kick them."},
	voiceapp.TooFast:          {"You write too fast.", "Try again in a moment."},
	voiceapp.TooManyChannels:  {"There are {{.Limit}} channels, which is the most.", "Use one of them, or ask the server's admins."},
	voiceapp.TooMuchListening: {"You listen to {{.Limit}} further channels, which is the most.", "Stop listening to one of them first."},
	voiceapp.DiskFull:         {"The server's disk is full; nothing was changed.", "Tell its admins."},
	voiceapp.Muted:            {"A moderator has muted you.", "Ask them to let you speak."},
	voiceapp.SelfMuted:        {"Your microphone is muted.", "Open it to be heard."},
	voiceapp.UnderBan:         {"They are banned.", ""},

	control.Unreachable:      {"The server at {{.About}} can't be reached.", "See whether the address and the port are right."},
	control.ConnectionLost:   {"The connection to the server broke off.", ""},
	control.NoAnswer:         {"The server does not answer any more.", "See whether you are connected to the network."},
	control.DeviceKeyDamaged: {"The key by which servers know this device is damaged.", "Remove {{.About}}; servers will not know this device any more then."},
	control.DeviceKeyUnkept:  {"The key by which servers know this device can't be kept.", ""},

	bookmarks.Newer:         {"The saved servers were written by a newer voiceapp.", "Update this one."},
	bookmarks.Unreadable:    {"The saved servers can't be read.", ""},
	bookmarks.SetAside:      {"The saved servers could not be read, and the list begins anew.", "What was there is in {{.About}} now."},
	bookmarks.Damaged:       {"Another program has changed the saved servers, and they can't be read any more.", "Mend or remove {{.About}}."},
	bookmarks.Unwritten:     {"The saved servers can't be written.", ""},
	bookmarks.Gone:          {"That saved server is gone.", "Another program may have removed it."},
	bookmarks.NoAddress:     {"An address is needed.", "Whoever runs the server can tell you."},
	bookmarks.NotOneLine:    {"A label and a folder are one line.", "Take the further lines out."},
	bookmarks.NoList:        {"That is no list of servers.", "Choose a file that was exported here."},
	bookmarks.TooLarge:      {"The file is too large for a list of servers.", "Choose a file that was exported here."},
	bookmarks.NoKeyring:     {"This system has no keyring, and so the password is not kept.", "Enter it each time, or set a keyring up."},
	bookmarks.KeyringLocked: {"The system's keyring is locked.", "Unlock it, and try again."},
	bookmarks.KeyringSilent: {"The system's keyring does not answer.", "It may be locked, and wait for you."},
	bookmarks.TokensDamaged: {"What logs this device in can't be read.", "Remove {{.About}}, and log in with your passwords."},

	voice.NoSocket:    {"This computer opens no way for voice.", "Leave the server, and connect again."},
	device.NoSystem:   {"There is no sound system.", "Start one, such as PipeWire or PulseAudio."},
	device.NoDevice:   {"There is no sound device.", "Connect one; it is used at once."},
	device.NotThere:   {"The chosen device is not there.", "Connect it, or choose another one in the settings."},
	device.NotStarted: {"The sound device can't be started.", "Another program may have it: close that."},
	device.Silent:     {"The sound device gives no sign of life any more.", "Connect it again, or choose another one in the settings."},
	device.Stuck:      {"The sound system does not answer.", "Start it anew, or the computer."},
	sound.Unclear:     {"Speech hardly stands out of the noise.", "Come closer to the microphone, make it louder in the system's settings, or use push-to-talk."},

	settings.Unreadable: {"The settings can't be read, and what you change is not kept.", ""},
	settings.SetAside:   {"The settings could not be read, and begin anew.", "What was there is in {{.About}} now."},
	instance.NoSocket:   {"The place where starts of voiceapp find each other can't be made.", "Set XDG_RUNTIME_DIR to a folder of your own."},
	instance.OpenFolder: {"Others may read or write {{.About}}, which has to be yours alone.", "Take that right from them: chmod 700."},
	instance.NoAnswer:   {"voiceapp runs already, and does not answer.", "End it, and start it again."},
	hotkey.BadKey:       {"“{{.About}}” is no key.", "Choose another one in the settings, under Keys."},
	hotkey.NoSuch:       {"This keyboard has no key “{{.About}}”.", "Choose another one in the settings, under Keys."},
	hotkey.Refused:      {"The desktop was told that your keys are not to work everywhere.", "Its own settings can bind the commands that ours list, under Keys."},
	hotkey.NotSetUp:     {"The desktop has not set your keys up.", "Its own settings can bind the commands that ours list, under Keys."},
	hotkey.Ended:        {"The desktop no longer tells of your keys.", "Start voiceapp again to have them back."},
	hotkey.Lost:         {"The connection to the desktop broke off.", "Start voiceapp again to have them back."},
	plugin.SwitchedOff:  {"The plugin failed too often, and is switched off.", "Switch it on again in the settings, under Plugins."},
	plugin.TooSlow:      {"The plugin took too long.", "Switch it off in the settings, under Plugins, if that goes on."},
	plugin.NotGranted:   {"The plugin asks for what was not allowed: {{.About}}", "Switch it on again to allow it."},
	plugin.NoSandbox:    {"Plugins can't be run on this computer.", "Switch them off in the settings, under Plugins."},
	plugin.Changing:     {"The plugin's file changed while it was read.", "Try again when it is complete."},
}
