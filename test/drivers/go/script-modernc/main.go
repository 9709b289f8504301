// modernc.org/sqlite, for test/record.
package main

import (
	"sqlock.test/drivers/internal/script"

	_ "modernc.org/sqlite"
)

func main() { script.Run("sqlite") }
