"""What a call does for its connection, and whether that is to be told."""

from _sqlock_state import inherited
from _sqlock_runs import SLOW_NS, add, tell_call
from _sqlock_sites import near_site_of, own, site_in
from _sqlock_sql import COMMIT, READ, ROLLBACK, WRITE, text_of
from _sqlock_transactions import began, ended
from _sqlock_who import has_tasks, local, task_name, this_thread, who
from _sqlock_wire import WIRE

NOWHERE = (None, 0)


def called(state, connection, sql, frame, begin, end, times=1):
    """
    A call that went well. `times`: 0 where it only fetched rows. `sql`: None where it was no statement.

    Written for few steps where there is nothing to tell: inside of a transaction, and one more of the same outside.
    """
    transaction = state.transaction
    if not state.in_transaction(connection):
        if transaction is None:
            return called_outside(state, sql, frame, begin, end, times)
        return ended_by(state, transaction, sql, frame, begin, end, times)
    if transaction is None:
        if state.epoch != WIRE.epoch:
            inherited(state, who(this_thread()), site_in(frame), begin)
        return began(state, site_in(frame), sql, begin, end, "b", times)
    is_longest = begin - transaction.last_end > transaction.gap
    # Rows are fetched where the statement was, or near: another walk up the stack would cost as much as the first.
    if times or is_longest:
        code = frame.f_code
        near = (code, frame.f_lasti) if id(code) in own else near_site_of(frame)
        if is_longest:
            transaction.gap = begin - transaction.last_end
            transaction.gap_after = transaction.last_site
            transaction.gap_before = near or site_in(frame)
        transaction.last_site = near
        transaction.statements += times
    transaction.last_end = end
    transaction.inside += end - begin
    if transaction.is_new and times and sql is not None:
        does = text_of(sql).does
        if does == READ and not transaction.has_read or does == WRITE and not transaction.has_written:
            return mattered(state, transaction, site_in(frame), sql, begin, end, does)
    if end - begin >= SLOW_NS:
        tell_slow(state, site_in(frame), sql, "", begin, end, times)
    return None


def called_outside(state, sql, frame, begin, end, times):
    if state.epoch != WIRE.epoch:
        inherited(state, who(this_thread()), site_in(frame), begin)
    if end - begin >= SLOW_NS:
        return tell_slow(state, site_in(frame), sql, "a", begin, end, times)
    if times:
        code = frame.f_code
        near = (code, frame.f_lasti) if id(code) in own else near_site_of(frame) or NOWHERE
        try:
            thread = local.thread
        except AttributeError:
            thread = this_thread()
        task = task_name(thread) if has_tasks[0] else None
        key = (state.id, sql, id(near[0]), near[1], task)
        run = thread.runs.get(key)
        if run is not None and run.times and end < thread.flush_at:
            run.times += 1
            run.end = end
            run.inside += end - begin
        else:
            add(thread, key, state.id, site_in(frame), sql, "a", None, begin, end)
    return None


def ended_by(state, transaction, sql, frame, begin, end, times):
    does = text_of(sql).does if sql is not None else None
    outcome = "commit" if does == COMMIT else "rollback" if does == ROLLBACK else "unknown"
    statements = times if outcome == "unknown" else 0
    ended(state, transaction, outcome, site_in(frame), sql, begin, end, statements)


def mattered(state, transaction, site, sql, begin, end, does):
    flags = "r" if does == READ else "w"
    if does == READ:
        transaction.has_read = True
    else:
        transaction.has_written = True
    transaction.is_new = not (transaction.has_read and transaction.has_written)
    transaction.last_site = site
    if end - begin >= SLOW_NS:
        flags += "s"
    by = who(this_thread())
    tell_call(by, state.id, site, text_of(sql), begin, end, flags, 1, end - begin, None)


def tell_slow(state, site, sql, flags, begin, end, times):
    by = who(this_thread())
    known = None if sql is None else text_of(sql)
    tell_call(by, state.id, site, known, begin, end, flags + "s", times, end - begin, None)


def committed(outcome, state, connection, args, frame, begin, end):
    """commit(), rollback(), the end of a `with` block, or a change of mode that commits or begins."""
    is_inside = state.in_transaction(connection)
    transaction = state.transaction
    if not is_inside and transaction is None:
        return
    if is_inside and not state.driver.begins_anew(connection):
        return
    site = site_in(frame)
    if state.epoch != WIRE.epoch:
        inherited(state, who(this_thread()), site, begin)
        transaction = None
    if transaction is not None:
        ended(state, transaction, outcome, site, None, begin, end)
    if is_inside:
        began(state, site, None, end, end, "b", 0)


def ran_script(state, connection, sql, frame, begin, end):
    """executescript() commits first what is open, and may then begin and end any number of transactions."""
    transaction = state.transaction
    if transaction is not None and state.epoch == WIRE.epoch and state.driver.is_legacy(connection):
        ended(state, transaction, "commit", site_in(frame), None, begin, begin)
    called(state, connection, sql, frame, begin, end)


def failed(state, is_inside, sql, frame, begin, end, error, result):
    thread = this_thread()
    by = who(thread)
    site = site_in(frame)
    if state.epoch != WIRE.epoch:
        inherited(state, by, site, begin)
    transaction = state.transaction
    known = text_of(sql) if isinstance(sql, str) else None
    flags = "e" if transaction is not None else "ae"
    if is_inside and transaction is None:
        # The transaction that Python begins before a statement was begun, and stays.
        return began(state, site, sql if known else None, begin, end, "be", 1, result)
    if end - begin >= SLOW_NS:
        tell_call(by, state.id, site, known, begin, end, flags + "s", 1, end - begin, result)
    else:
        key = (state.id, sql if known else None, site, result, task_name(thread))
        add(thread, key, state.id, site, sql if known else None, flags, result, begin, end)
    if transaction is not None and not is_inside:
        ended(state, transaction, "rollback", site, sql if known else None, begin, end, 1)
    elif transaction is not None:
        transaction.inside += end - begin
        transaction.statements += 1
        transaction.last_end = end
        transaction.last_site = site
    return None
