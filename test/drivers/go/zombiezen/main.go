// zombiezen.com/go/sqlite, with an interface of its own. Its SQLite is that of modernc.org/sqlite.
package main

import (
	"sqlock.test/drivers/internal/protocol"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func main() {
	arguments := protocol.Parse()
	connection, err := sqlite.OpenConn(arguments.Database, sqlite.OpenReadWrite)
	protocol.Check(err)
	query := func(statement string) (value string) {
		protocol.Check(sqlitex.ExecuteTransient(connection, statement, &sqlitex.ExecOptions{
			ResultFunc: func(row *sqlite.Stmt) error {
				value = row.ColumnText(0)
				return nil
			},
		}))
		return
	}

	arguments.CheckMode(query(arguments.SetMode()))
	query(protocol.Insert)
	version := query(protocol.Version)
	if begin := arguments.Begin(); begin != "" {
		query(begin)
	}
	if arguments.Action == "write" {
		query(protocol.Insert)
	}
	query(protocol.Select)
	protocol.Hold(version)
	if arguments.Action != "idle" {
		query("ROLLBACK")
	}
	protocol.Check(connection.Close())
}
