// github.com/mattn/go-sqlite3, through database/sql.
package main

import (
	"sqlock.test/drivers/internal/protocol"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	arguments := protocol.Parse()
	protocol.RunSQL("sqlite3", arguments.Database, arguments)
}
