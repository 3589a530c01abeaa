// Package storetest is the runnable contract of what control and admin ask of the
// place where accounts, channels, bans and messages are kept. Whoever puts another
// engine behind them calls [Test] from a test of their own:
//
//	func TestContract(t *testing.T) {
//		storetest.Test(t, func(t *testing.T, channels []voiceapp.Channel) (storetest.Directory, string) {
//			dir := mydb.Open(t.TempDir(), channels)
//			t.Cleanup(func() { dir.Close() })
//			return dir, dir.OwnerToken()
//		}, "ChannelEditor", "Bans")
//	}
//
// [Directory] is the core that every engine has. The other interfaces are
// optional and found by assertion; those that are named have to be there, the
// others are tested when they are.
//
// Each subtest opens a directory of its own. Several goroutines call it at once;
// run the tests with the race detector.
package storetest
