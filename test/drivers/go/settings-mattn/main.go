// The settings that are advised for github.com/mattn/go-sqlite3: what they do. Its arguments: the database, and the
// names of data sources as they are printed.
package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"strings"

	"github.com/mattn/go-sqlite3"
)

var path = os.Args[1]

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// As it is printed, with the path of the database.
func open(driver string, printed string) *sql.DB {
	db, err := sql.Open(driver, strings.Replace(printed, "app.db", path, 1))
	must(err)
	return db
}

func pragma[T any](db *sql.DB, name string) T {
	var value T
	must(db.QueryRow("pragma " + name).Scan(&value))
	return value
}

func main() {
	sql.Register("sqlite3_app", &sqlite3.SQLiteDriver{
		ConnectHook: func(conn *sqlite3.SQLiteConn) error {
			_, err := conn.Exec("PRAGMA wal_autocheckpoint = 1234", nil)
			return err
		},
	})
	timeout, immediate, wal := os.Args[2], os.Args[3], os.Args[4]
	found := map[string]any{
		"timeout":    pragma[int](open("sqlite3", timeout), "busy_timeout"),
		"wal":        pragma[string](open("sqlite3", wal), "journal_mode"),
		"checkpoint": pragma[int](open("sqlite3_app", "file:app.db"), "wal_autocheckpoint"),
	}
	db := open("sqlite3", immediate)
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	must(err)
	_, err = open("sqlite3", "file:app.db?_busy_timeout=0").Exec("begin immediate")
	found["immediate"] = err != nil && strings.Contains(err.Error(), "locked")
	must(tx.Rollback())
	must(json.NewEncoder(os.Stdout).Encode(found))
}
