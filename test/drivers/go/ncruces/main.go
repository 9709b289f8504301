// github.com/ncruces/go-sqlite3, through database/sql. It takes OFD locks, and has a VFS of its own.
package main

import (
	"sqlock.test/drivers/internal/protocol"

	_ "github.com/ncruces/go-sqlite3/driver"
)

func main() {
	arguments := protocol.Parse()
	protocol.RunSQL("sqlite3", "file:"+arguments.Database, arguments)
}
