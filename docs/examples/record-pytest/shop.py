import sqlite3


def add_order(path, customer):
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO orders VALUES (?)", (customer,))  # no commit, no close
    return connection.total_changes
