//! rusqlite does what a script says, and logs each call: see test/record/script.ts. The argument is the file of the
//! log. Each thread has connections of its own.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, Error, Row, ffi};

#[repr(C)]
#[derive(Default)]
struct Time {
    seconds: i64,
    nanoseconds: i64,
}

unsafe extern "C" {
    fn clock_gettime(clock: i32, time: *mut Time) -> i32;
    fn gettid() -> i32;
    fn raise(signal: i32) -> i32;
}

const CLOCK_MONOTONIC: i32 = 1;
const SIGKILL: i32 = 9;

type Numbers = Option<Vec<i64>>;

struct Named {
    name: String,
    path: String,
    connection: Option<Rc<Connection>>,
}

/// What one thread does.
struct Actor {
    log: File,
    named: HashMap<String, Named>,
}

impl Actor {
    fn new(log: &str) -> Self {
        let log = OpenOptions::new().append(true).create(true).open(log).expect("the log can be opened");
        Self { log, named: HashMap::new() }
    }

    /// Until there are no more lines, or until a `drop`, which belongs to the row that the caller has open.
    fn run(&mut self, next: &mut dyn FnMut() -> Option<Vec<String>>) -> Option<Vec<String>> {
        while let Some(words) = next() {
            let name = words.get(1).cloned().unwrap_or_default();
            match words[0].as_str() {
                "open" => self.open(&name, &words[2], &words[3]),
                "sql" => {
                    let connection = self.connection(&name);
                    self.logged(&name, "sql", Some(&words[2]), || all(&connection, &words[2]));
                }
                "fetch" => self.fetch(&name, &words[2], next),
                "drop" => return Some(words),
                "close" => {
                    let connection = self.named.get_mut(&name).and_then(|named| named.connection.take());
                    let connection = Rc::into_inner(connection.expect("it is open")).expect("no row is open");
                    self.logged(&name, "close", None, || connection.close().map(|()| None).map_err(|(_, error)| error));
                }
                "sleep" => sleep(Duration::from_millis(name.parse().expect("a number"))),
                "say" => println!("{name}"),
                "die" => drop(unsafe { raise(SIGKILL) }),
                other => panic!("{other}"),
            }
        }
        None
    }

    fn connection(&self, name: &str) -> Rc<Connection> {
        self.named[name].connection.clone().expect("it is open")
    }

    fn open(&mut self, name: &str, timeout: &str, path: &str) {
        let named = Named { name: name.to_string(), path: path.to_string(), connection: None };
        self.named.insert(name.to_string(), named);
        let timeout = Duration::from_millis(timeout.parse().expect("a number"));
        let mut opened = None;
        self.logged(name, "open", None, || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(timeout)?;
            opened = Some(Rc::new(connection));
            Ok(None)
        });
        self.named.get_mut(name).expect("as inserted").connection = opened;
    }

    /// The row stays open while other lines are done.
    fn fetch(&mut self, name: &str, sql: &str, next: &mut dyn FnMut() -> Option<Vec<String>>) {
        let connection = self.connection(name);
        let mut statement = None;
        let mut rows = None;
        self.logged(name, "fetch", Some(sql), || {
            let rows = rows.insert(statement.insert(connection.prepare(sql)?).query([])?);
            Ok(rows.next()?.map(numbers))
        });
        if self.run(next).is_some() {
            self.logged(name, "drop", None, || {
                drop(rows);
                Ok(None)
            });
        }
    }

    fn logged(&mut self, name: &str, op: &str, sql: Option<&str>, action: impl FnOnce() -> Result<Numbers, Error>) {
        let Named { name, path, .. } = &self.named[name];
        let sql = sql.map_or("null".to_string(), quoted);
        let (pid, tid) = (std::process::id(), unsafe { gettid() });
        let facts = format!(
            "{{\"pid\":{pid},\"tid\":{tid},\"connection\":{},\"op\":\"{op}\",\"sql\":{sql},\"path\":{}",
            quoted(name),
            quoted(path),
        );
        let line = format!("{facts},\"from_ns\":{}}}\n", now());
        self.log.write_all(line.as_bytes()).expect("the log can be written");
        let begin = now();
        let result = action();
        let end = now();
        let code = result.as_ref().err().map_or("SQLITE_OK", code_of);
        let row = result.ok().flatten().map_or("null".to_string(), |row| format!("{row:?}"));
        let line = format!("{facts},\"from_ns\":{begin},\"to_ns\":{end},\"code\":\"{code}\",\"row\":{row}}}\n");
        self.log.write_all(line.as_bytes()).expect("the log can be written");
    }
}

/// A statement to its end.
fn all(connection: &Connection, sql: &str) -> Result<Numbers, Error> {
    let mut statement = connection.prepare(sql)?;
    if statement.column_count() == 0 {
        return statement.execute([]).map(|_| None);
    }
    let mut rows = statement.query([])?;
    let first = rows.next()?.map(numbers);
    while rows.next()?.is_some() {}
    Ok(first)
}

fn numbers(row: &Row<'_>) -> Vec<i64> {
    let values = (0..row.as_ref().column_count()).map(|index| row.get(index));
    values.filter_map(|value| if let Ok(Value::Integer(number)) = value { Some(number) } else { None }).collect()
}

fn code_of(error: &Error) -> &'static str {
    match error.sqlite_error().map(|error| error.extended_code) {
        Some(ffi::SQLITE_BUSY_SNAPSHOT) => "SQLITE_BUSY_SNAPSHOT",
        Some(code) if code & 0xff == ffi::SQLITE_BUSY => "SQLITE_BUSY",
        Some(code) if code & 0xff == ffi::SQLITE_LOCKED => "SQLITE_LOCKED",
        _ => "SQLITE_ERROR",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn now() -> i64 {
    let mut time = Time::default();
    unsafe { clock_gettime(CLOCK_MONOTONIC, &mut time) };
    time.seconds * 1_000_000_000 + time.nanoseconds
}

fn main() {
    let log = std::env::args().nth(1).expect("the file of the log");
    let mut threads: HashMap<String, (Sender<Vec<String>>, JoinHandle<()>)> = HashMap::new();
    let mut lines = std::io::stdin().lines().map(|line| line.expect("stdin is text"));
    Actor::new(&log).run(&mut || {
        for line in lines.by_ref() {
            let mut words = line.split('\t').map(str::to_string);
            let thread = words.next()?;
            if thread == "main" {
                return Some(words.collect());
            }
            let (sender, _) = threads.entry(thread).or_insert_with(|| begin(log.clone()));
            sender.send(words.collect()).expect("the thread runs");
        }
        None
    });
    for (sender, thread) in threads.into_values() {
        drop(sender);
        thread.join().expect("the thread has ended by itself");
    }
}

fn begin(log: String) -> (Sender<Vec<String>>, JoinHandle<()>) {
    let (sender, receiver): (_, Receiver<Vec<String>>) = channel();
    (sender, spawn(move || drop(Actor::new(&log).run(&mut || receiver.recv().ok()))))
}
