// Package protocol is what every program here does, whatever its driver: DATABASE MODE ACTION, "ready VERSION", and
// the end of stdin.
package protocol

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
)

const (
	Insert = "INSERT INTO t VALUES (1)"
	// A megabyte, far more than the cache of `spill` holds.
	insertMany = `INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
		SELECT randomblob(1000) FROM n`
	Select  = "SELECT count(*) FROM t"
	Version = "SELECT sqlite_version()"
)

// Arguments are those of the command line.
type Arguments struct {
	Database, Mode, Action string
}

// Parse reads the command line.
func Parse() Arguments {
	if len(os.Args) != 4 {
		Fail("usage: DATABASE wal|delete read|write|idle")
	}
	return Arguments{os.Args[1], os.Args[2], os.Args[3]}
}

// SetMode is a statement that answers with the journal mode, for CheckMode.
func (arguments Arguments) SetMode() string {
	return "PRAGMA journal_mode = " + arguments.Mode
}

func (arguments Arguments) CheckMode(mode string) {
	if mode != arguments.Mode {
		Fail(fmt.Sprintf("the journal mode is %s, not %s", mode, arguments.Mode))
	}
}

// Begin is the statement that begins the transaction: empty where there is to be none.
func (arguments Arguments) Begin() string {
	return map[string]string{"read": "BEGIN", "write": "BEGIN IMMEDIATE", "spill": "BEGIN IMMEDIATE"}[arguments.Action]
}

func Hold(version string) {
	fmt.Println("ready", version)
	io.Copy(io.Discard, os.Stdin)
}

// Check ends the program where something failed.
func Check(err error) {
	if err != nil {
		Fail(err)
	}
}

func Fail(why any) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

// RunSQL does all of it through database/sql, on one connection of its pool. One more action, `spill`, writes more in
// its transaction than the cache holds.
func RunSQL(driver, source string, arguments Arguments) {
	db, err := sql.Open(driver, source)
	Check(err)
	ctx := context.Background()
	connection, err := db.Conn(ctx)
	Check(err)
	execute := func(statement string) {
		_, err := connection.ExecContext(ctx, statement)
		Check(err)
	}
	query := func(statement string) (value string) {
		Check(connection.QueryRowContext(ctx, statement).Scan(&value))
		return
	}

	arguments.CheckMode(query(arguments.SetMode()))
	execute(Insert)
	version := query(Version)
	if begin := arguments.Begin(); begin != "" {
		execute(begin)
	}
	switch arguments.Action {
	case "write":
		execute(Insert)
	case "spill":
		execute("PRAGMA cache_size = 5")
		execute(insertMany)
	}
	query(Select)
	Hold(version)
	if arguments.Action != "idle" {
		execute("ROLLBACK")
	}
	Check(connection.Close())
	Check(db.Close())
}
