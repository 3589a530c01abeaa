// Package plugin runs plugins: WebAssembly that changes what its user says, and
// reads and changes chat. ABI.md is what a plugin is; package guest helps to write
// one in Go.
//
//	func main() {
//		plugin.Main() // first of all: plugins run in children, which are this program started again
//		...
//		host, err := plugin.Open(ctx, plugin.Config{Dir: dir})
//		if err != nil {
//			return err
//		}
//		defer host.Close()
//		err = host.Enable(ctx, "robot")
//		session, err := voice.Join(ctx, client, voice.Config{Effect: host, ...})
//
// A [Host] runs the plugins of a folder in its user's order. [Host.ProcessPCM] is the
// chain of their audio hooks, [Host.Chat] that of their chat hooks. What is enabled,
// in what order and how it is set outlives the program. A file that changes is loaded
// anew, under speech without a gap.
//
// # What a plugin can't do
//
// A plugin has no files, no network, no clock and no random numbers but what its
// manifest asks for and its user grants, and never hears what its user does not say.
// Unless it is trusted it runs in a child process (sandbox.go, child.go), which is
// killed when a call goes on for too long, and which on Linux can't open, connect,
// start or signal anything (lockdown_linux.go, seccomp_linux.go). On other systems it
// is a plain child.
//
// One that is trusted runs in this process, for the lowest cost. A call that loops is
// ended there too; but one that goes on for long without a loop is not, and holds up
// the garbage collector meanwhile. Trust what you have written yourself.
//
// # Deadlines
//
// Who processes audio never calls a plugin: it hands the frame to the plugin's worker
// (frame.go, worker.go) and waits for 5 ms at most. A frame that is missed goes on
// unchanged, or silent where the manifest says so. A call that goes on for 20 ms
// more is ended by force, and the plugin started anew; after three failures in a row,
// of frames or of lines, it is switched off, and [Config.Events] told.
//
// # Files
//
// [ReadFile] reads a plugin's file and its [Manifest]. Nothing is compiled for that,
// and nothing of it is run. Compiled code is kept in [Config.Cache], in a folder for
// each SHA-256; a guest runs only after its process has lost the right to write there.
package plugin
