package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// conn is one connection with the statements prepared on it. One goroutine may
// use it at a time.
type conn struct {
	db    *sqlite3.Conn
	stmts map[string]*sqlite3.Stmt // by their SQL
}

// access says what a connection is for.
type access bool

const (
	reading access = false
	writing access = true
)

// walLimit is the size in bytes to which the WAL is cut back when it starts
// again from its beginning.
const walLimit = 16 << 20

// connect opens an existing file and changes nothing in it. The plain path goes
// to SQLite, not a URI, so that no character in it means anything.
func (o Options) connect(path string, flags sqlite3.OpenFlag) (*conn, error) {
	if o.vfs != "" {
		path, flags = "file:"+(&url.URL{Path: path}).EscapedPath()+"?vfs="+o.vfs, flags|sqlite3.OPEN_URI
	}
	db, err := sqlite3.OpenFlags(path, flags)
	if err != nil {
		return nil, err
	}
	if err := db.BusyTimeout(o.BusyTimeout); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &conn{db: db, stmts: make(map[string]*sqlite3.Stmt)}, nil
}

// openConn opens a database of ours with its PRAGMAs set.
func (o Options) openConn(ctx context.Context, path string, mode access) (*conn, error) {
	c, err := o.connect(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		return nil, err
	}
	defer c.interruptible(ctx)()
	if err := c.configure(mode, o.BusyTimeout); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// pragma is a setting of a connection: what to set and what it then reads as.
type pragma struct {
	name, set, reads string
}

func pragmas(mode access) []pragma {
	queryOnly := "1"
	if mode == writing {
		queryOnly = "0"
	}
	return []pragma{
		{"journal_mode", "wal", "wal"},
		{"synchronous", "full", "2"},
		{"foreign_keys", "on", "1"},
		{"journal_size_limit", fmt.Sprint(walLimit), fmt.Sprint(walLimit)},
		{"trusted_schema", "off", "0"},
		{"query_only", queryOnly, queryOnly},
	}
}

// configure sets the PRAGMAs of a connection, and adds our function.
func (c *conn) configure(mode access, busy time.Duration) error {
	for _, p := range pragmas(mode) {
		if err := c.setWithin(busy, p); err != nil {
			return err
		}
	}
	return c.db.CreateFunction("folded_has", 2, sqlite3.DETERMINISTIC|sqlite3.INNOCUOUS, foldedHas)
}

// setWithin tries again while the database is busy: when several connections
// turn a new file to WAL mode at once, SQLite makes none of them wait.
func (c *conn) setWithin(busy time.Duration, p pragma) error {
	for deadline := time.Now().Add(busy); ; time.Sleep(rand.N(10 * time.Millisecond)) {
		err := c.set(p)
		if !errors.Is(err, sqlite3.BUSY) || time.Now().After(deadline) {
			return err
		}
	}
}

// set sets a PRAGMA and checks that it was taken: SQLite ignores what it can't do.
func (c *conn) set(p pragma) error {
	if err := c.db.Exec("PRAGMA " + p.name + "=" + p.set); err != nil {
		return err
	}
	got, err := c.text("PRAGMA " + p.name)
	if err == nil && got != p.reads {
		err = &pragmaError{pragma: p, got: got}
	}
	return err
}

// pragmaError is a PRAGMA that SQLite did not take.
type pragmaError struct {
	pragma
	got string
}

func (e *pragmaError) Error() string {
	return "PRAGMA " + e.name + " is " + e.got + ", not " + e.reads
}

// interruptible lets ctx end what runs on c until the function it returns is called.
func (c *conn) interruptible(ctx context.Context) (restore func()) {
	old := c.db.SetInterrupt(ctx)
	return func() { c.db.SetInterrupt(old) }
}

// query gives the statement of sql with its parameters bound, ready to step. It
// is prepared once for each connection. The caller resets it when it is done.
func (c *conn) query(sql string, args ...any) (*sqlite3.Stmt, error) {
	stmt, ok := c.stmts[sql]
	if !ok {
		var err error
		if stmt, _, err = c.db.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT); err != nil {
			return nil, err
		}
		c.stmts[sql] = stmt
	}
	for i, arg := range args {
		if err := bind(stmt, i+1, arg); err != nil {
			return nil, err
		}
	}
	return stmt, nil
}

func bind(stmt *sqlite3.Stmt, param int, arg any) error {
	switch v := arg.(type) {
	case nil:
		return stmt.BindNull(param)
	case int64:
		return stmt.BindInt64(param, v)
	case string:
		return stmt.BindText(param, v)
	case []byte:
		return stmt.BindBlob(param, v)
	default:
		panic(fmt.Sprintf("store: a parameter of type %T", arg))
	}
}

// exec carries out a statement that gives no rows.
func (c *conn) exec(sql string, args ...any) error {
	stmt, err := c.query(sql, args...)
	if err != nil {
		return err
	}
	return stmt.Exec()
}

// row steps to the only row that sql can give and scans it. It reports whether
// there was one.
func (c *conn) row(sql string, args []any, scan func(*sqlite3.Stmt)) (found bool, err error) {
	err = c.rows(sql, args, func(stmt *sqlite3.Stmt) {
		found = true
		scan(stmt)
	})
	return found, err
}

// rows scans each row that sql gives. The statement is over when it returns.
func (c *conn) rows(sql string, args []any, scan func(*sqlite3.Stmt)) error {
	stmt, err := c.query(sql, args...)
	if err != nil {
		return err
	}
	for stmt.Step() {
		scan(stmt)
	}
	err = stmt.Err()
	return errors.Join(err, resetAfter(stmt, err))
}

// resetAfter ends a statement. Reset reports the error of the last step again,
// which is left out.
func resetAfter(stmt *sqlite3.Stmt, stepped error) error {
	err := stmt.Reset()
	if stepped != nil {
		return nil
	}
	return err
}

// text gives the first column of the one row of sql, or "" where there is none.
func (c *conn) text(sql string) (text string, err error) {
	_, err = c.row(sql, nil, func(stmt *sqlite3.Stmt) { text = stmt.ColumnText(0) })
	return text, err
}

// number gives the first column of the one row of sql, or 0 where there is none.
func (c *conn) number(sql string) (n int64, err error) {
	_, err = c.row(sql, nil, func(stmt *sqlite3.Stmt) { n = stmt.ColumnInt64(0) })
	return n, err
}

// close ends the connection. The last one to close folds the WAL into the file.
func (c *conn) close() error {
	var err error
	for _, stmt := range c.stmts {
		err = errors.Join(err, stmt.Close())
	}
	return errors.Join(err, c.db.Close())
}
