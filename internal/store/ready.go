package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"sync/atomic"
	"time"
)

// readyFor is for how long a write shows that the next one would be taken.
const readyFor = 5 * time.Second

// A pulse is the moment of the latest write; nil before the first one.
type pulse struct{ at atomic.Pointer[time.Time] }

func (p *pulse) beat() {
	now := time.Now()
	p.at.Store(&now)
}

func (p *pulse) fresh() bool {
	at := p.at.Load()
	return at != nil && time.Since(*at) < readyFor
}

// Ready reports whether the database answers and takes writes, with an Unavailable
// that says what is wrong. When nothing was written for a while, it writes a mark.
func (s *DB) Ready(ctx context.Context) error {
	if s.pulse.fresh() {
		return s.Ping(ctx)
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		mark := binary.BigEndian.AppendUint64(nil, uint64(time.Now().UnixMilli()))
		_, err := tx.ExecContext(ctx, `
			INSERT INTO installation (name, value) VALUES ('ready', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, mark)
		return err
	})
}

// Ping reports whether the database answers, with an Unavailable that says what is
// wrong.
func (s *DB) Ping(ctx context.Context) error {
	var one int
	return s.d.classify(s.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one))
}
