// github.com/mattn/go-sqlite3, for test/record.
package main

import (
	"sqlock.test/drivers/internal/script"

	_ "github.com/mattn/go-sqlite3"
)

func main() { script.Run("sqlite3") }
