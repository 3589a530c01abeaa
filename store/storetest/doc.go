// Package storetest is the runnable contract of what control asks of a
// directory of accounts and channels. Whoever puts another database behind
// control.Server calls [TestDirectory] from a test of their own:
//
//	func TestContract(t *testing.T) {
//		storetest.TestDirectory(t, func(t *testing.T, channels []voiceapp.Channel) (storetest.Directory, string) {
//			dir := mydb.Open(t.TempDir(), channels)
//			t.Cleanup(func() { dir.Close() })
//			return dir, dir.OwnerToken()
//		})
//	}
//
// Each subtest opens a directory of its own. Several goroutines call it at once;
// run the tests with the race detector.
package storetest
