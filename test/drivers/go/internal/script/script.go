// Package script does what a script says through database/sql, and logs each call: see test/record/script.ts. The
// argument of the program is the file of the log.
package script

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

type connection struct {
	db   *sql.DB
	conn *sql.Conn
	rows *sql.Rows
	path string
}

type line struct {
	Pid        int     `json:"pid"`
	Tid        int     `json:"tid"`
	Connection string  `json:"connection"`
	Op         string  `json:"op"`
	SQL        *string `json:"sql"`
	Path       string  `json:"path"`
	From       int64   `json:"from_ns"`
	To         int64   `json:"to_ns,omitempty"`
	Code       string  `json:"code,omitempty"`
	Row        []int64 `json:"row,omitempty"`
}

var (
	log         *os.File
	connections = map[string]*connection{}
	background  = context.Background()
)

// Run reads the script from stdin. The thread stays the same.
func Run(driver string) {
	runtime.LockOSThread()
	var err error
	log, err = os.OpenFile(os.Args[1], os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		panic(err)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		run(driver, strings.Split(lines.Text(), "\t")[1:])
	}
}

func run(driver string, words []string) {
	op, name := words[0], words[1]
	switch op {
	case "open":
		connections[name] = &connection{path: words[3]}
		logged(name, op, nil, func(c *connection) ([]int64, error) { return nil, open(c, driver, words[2]) })
	case "sql", "fetch":
		logged(name, op, &words[2], func(c *connection) ([]int64, error) { return execute(c, words[2], op == "fetch") })
	case "drop":
		logged(name, op, nil, func(c *connection) ([]int64, error) { return nil, c.rows.Close() })
	case "close":
		logged(name, op, nil, func(c *connection) ([]int64, error) {
			c.conn.Close()
			return nil, c.db.Close()
		})
	case "sleep":
		ms, _ := strconv.Atoi(name)
		time.Sleep(time.Duration(ms) * time.Millisecond)
	case "say":
		fmt.Println(name)
	case "die":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	default:
		panic(op)
	}
}

func open(c *connection, driver, timeout string) (err error) {
	if c.db, err = sql.Open(driver, c.path); err != nil {
		return err
	}
	if c.conn, err = c.db.Conn(background); err != nil {
		return err
	}
	_, err = c.conn.ExecContext(background, "pragma busy_timeout = "+timeout)
	return err
}

func execute(c *connection, text string, one bool) ([]int64, error) {
	if !strings.HasPrefix(text, "select") && !strings.HasPrefix(text, "pragma wal_checkpoint") {
		_, err := c.conn.ExecContext(background, text)
		return nil, err
	}
	rows, err := c.conn.QueryContext(background, text)
	if err != nil {
		return nil, err
	}
	var row []int64
	for first := true; rows.Next(); first = false {
		if !first {
			continue
		}
		row = numbers(rows)
		if one {
			c.rows = rows
			return row, nil
		}
	}
	if err := rows.Err(); err != nil {
		rows.Close()
		return nil, err
	}
	return row, rows.Close()
}

func numbers(rows *sql.Rows) (row []int64) {
	names, _ := rows.Columns()
	values := make([]any, len(names))
	pointers := make([]any, len(names))
	for i := range values {
		pointers[i] = &values[i]
	}
	rows.Scan(pointers...)
	for _, value := range values {
		if number, ok := value.(int64); ok {
			row = append(row, number)
		}
	}
	return row
}

func logged(name, op string, text *string, action func(*connection) ([]int64, error)) {
	c := connections[name]
	pid := os.Getpid()
	entry := line{Pid: pid, Tid: syscall.Gettid(), Connection: name, Op: op, SQL: text, Path: c.path, From: now()}
	write(entry)
	entry.From = now()
	row, err := action(c)
	entry.To = now()
	entry.Row = row
	entry.Code = codeOf(err)
	write(entry)
}

func codeOf(err error) string {
	switch {
	case err == nil:
		return "SQLITE_OK"
	case strings.HasPrefix(err.Error(), "database is locked"):
		return "SQLITE_BUSY"
	case strings.HasPrefix(err.Error(), "database table is locked"):
		return "SQLITE_LOCKED"
	}
	return "SQLITE_ERROR"
}

func write(entry line) {
	text, _ := json.Marshal(entry)
	log.Write(append(text, '\n'))
}

// now is CLOCK_MONOTONIC, which the package time does not show.
func now() int64 {
	var ts syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}
