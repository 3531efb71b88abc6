package store

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"
)

// keptStatements is how many statements a connection keeps prepared: more than those that
// dispatch, clicks and imports carry out again and again. One takes some kilobytes.
const keptStatements = 96

// A rawConn is what the driver's connections are for database/sql.
type rawConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A keepingConn keeps the statements that were carried out last prepared for when they come
// again. To prepare one takes as long as to write some dozen rows, and small transactions
// follow each other.
type keepingConn struct {
	rawConn
	kept map[string]*list.Element
	// used has the kept statements, with the one that was used last in front.
	used *list.List
}

// A keptStatement is prepared. While its rows are read, it cannot be carried out anew.
type keptStatement struct {
	driver.Stmt
	text string
	busy bool
}

func newKeepingConn(raw rawConn) *keepingConn {
	return &keepingConn{rawConn: raw, kept: map[string]*list.Element{}, used: list.New()}
}

// Close implements [driver.Conn].
func (c *keepingConn) Close() error {
	var failed []error
	for c.used.Len() > 0 {
		failed = append(failed, c.forget(c.used.Back()))
	}
	return errors.Join(append(failed, c.rawConn.Close())...)
}

// ExecContext implements [driver.ExecerContext].
func (c *keepingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.rawConn.ExecContext(ctx, text, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext implements [driver.QueryerContext].
func (c *keepingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.rawConn.QueryContext(ctx, text, args)
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return keptRows{rows, s}, nil
}

// statement returns the statement with the text; nil for one that is not kept, or that is
// being read.
func (c *keepingConn) statement(ctx context.Context, text string) (*keptStatement, error) {
	if e, ok := c.kept[text]; ok {
		s := e.Value.(*keptStatement)
		if s.busy {
			return nil, nil
		}
		c.used.MoveToFront(e)
		return s, nil
	}
	if !isKept(text) {
		return nil, nil
	}
	prepared, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s := &keptStatement{Stmt: prepared, text: text}
	c.kept[text] = c.used.PushFront(s)
	return s, c.trim()
}

// isKept reports whether a statement is kept: others, such as PRAGMA, may do what they do while
// they are prepared.
func isKept(text string) bool {
	text = strings.TrimLeft(text, " \t\n(")
	return slices.ContainsFunc([]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}, func(verb string) bool {
		return strings.HasPrefix(text, verb)
	})
}

// trim forgets the statements that were not used for longest, when there are too many.
func (c *keepingConn) trim() error {
	for c.used.Len() > keptStatements {
		last := c.used.Back()
		if last.Value.(*keptStatement).busy {
			return nil
		}
		if err := c.forget(last); err != nil {
			return err
		}
	}
	return nil
}

func (c *keepingConn) forget(e *list.Element) error {
	s := c.used.Remove(e).(*keptStatement)
	delete(c.kept, s.text)
	return s.Stmt.Close()
}

// keptRows are those of a kept statement.
type keptRows struct {
	driver.Rows
	of *keptStatement
}

// Close implements [driver.Rows].
func (r keptRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
