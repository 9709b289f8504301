// modernc.org/sqlite, through database/sql.
package main

import (
	"sqlock.test/drivers/internal/protocol"

	_ "modernc.org/sqlite"
)

func main() {
	arguments := protocol.Parse()
	protocol.RunSQL("sqlite", arguments.Database, arguments)
}
