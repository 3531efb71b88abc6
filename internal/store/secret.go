package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/seal"
	"bellman/internal/webhook"
)

// Secrets keeps the ring of data keys, and finds what is sealed with it.
type Secrets struct{ *pools }

var _ seal.Store = Secrets{}

// sealed are the columns whose content is sealed, which a test compares with the schema.
// What is in them opens for the number that bound makes of the column of.
var sealed = []sealedColumn{
	{seal.Place{Table: "bots", Column: "token"}, "telegram_id", func(telegramID int64) int64 { return telegramID }},
	{seal.Place{Table: "webhooks", Column: "password"}, "id", webhook.PasswordNumber},
	{seal.Place{Table: "webhooks", Column: "secrets"}, "id", webhook.SecretsNumber},
	{seal.Place{Table: "users", Column: "totp"}, "id", access.FactorNumber},
	{seal.Place{Table: "users", Column: "totp_draft"}, "id", access.FactorNumber},
	{seal.Place{Table: "providers", Column: "secret"}, "id", access.ProviderNumber},
}

type sealedColumn struct {
	seal.Place

	of    string
	bound func(int64) int64
}

// pinned is the row of the installation with the fingerprint of its secret key.
const pinned = "key"

// Ring implements [seal.Store].
func (s Secrets) Ring(ctx context.Context) (seal.Stored, error) {
	stored, err := s.ring(ctx, s.read)
	return stored, s.d.classify(err)
}

func (s Secrets) ring(ctx context.Context, from queryer) (st seal.Stored, err error) {
	// One statement, for one moment: who has neither fingerprint nor keys is founded anew.
	rows, err := from.QueryContext(ctx, `
		SELECT 0, '', value, 0, 0 FROM installation WHERE name = $1
		UNION ALL SELECT id, under, sealed, created_at, `+s.d.nowMillis+` - created_at FROM secrets ORDER BY 1`, pinned)
	if err != nil {
		return st, err
	}
	err = each(rows, func(r *sql.Rows) error {
		var (
			id, made, age int64
			under         string
			content       []byte
		)
		if err := r.Scan(&id, &under, &content, &made, &age); err != nil {
			return err
		}
		if id == 0 {
			st.Pin = seal.Fingerprint(hex.EncodeToString(content))
			return nil
		}
		if last := len(st.Keys) - 1; last < 0 || st.Keys[last].ID != id {
			st.Keys = append(st.Keys, seal.StoredKey{
				ID: id, MadeAt: fromMillis(made), Age: time.Duration(age) * time.Millisecond, Under: map[seal.Fingerprint][]byte{},
			})
		}
		if under != "" {
			st.Keys[len(st.Keys)-1].Under[seal.Fingerprint(under)] = content
		}
		return nil
	})
	return st, err
}

// ChangeRing implements [seal.Store].
func (s Secrets) ChangeRing(ctx context.Context, change func(seal.Stored) (seal.Stored, bool, error)) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.d.lock(ctx, tx, lockSecrets, 0); err != nil {
			return err
		}
		have, err := s.ring(ctx, tx)
		if err != nil {
			return err
		}
		next, changed, err := change(have)
		if err != nil {
			return err
		}
		if !changed {
			audit.Idle(ctx)
			return nil
		}
		return s.writeRing(ctx, tx, next)
	})
}

// writeRing replaces all of the ring, which has a few rows.
func (s Secrets) writeRing(ctx context.Context, tx *sql.Tx, st seal.Stored) error {
	for _, text := range []string{`DELETE FROM installation WHERE name = '` + pinned + `'`, `DELETE FROM secrets`} {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	if st.Pin != "" {
		fingerprint, err := hex.DecodeString(string(st.Pin))
		if err != nil {
			return fmt.Errorf("store: the fingerprint of the secret key: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO installation (name, value) VALUES ($1, $2)`, pinned, fingerprint); err != nil {
			return err
		}
	}
	for _, k := range st.Keys {
		under := k.Under
		if k.Forgotten() {
			under = map[seal.Fingerprint][]byte{"": {}}
		}
		for _, f := range slices.Sorted(maps.Keys(under)) {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO secrets (id, under, sealed, created_at) VALUES ($1, $2, $3, COALESCE(CAST($4 AS BIGINT), `+s.d.nowMillis+`))`,
				k.ID, string(f), under[f], nullMillis(k.MadeAt))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Places implements [seal.Store].
func (Secrets) Places() []seal.Place {
	all := make([]seal.Place, len(sealed))
	for i, c := range sealed {
		all[i] = c.Place
	}
	return all
}

// Blobs implements [seal.Store].
func (s Secrets) Blobs(ctx context.Context, p seal.Place, after int64, limit int) ([]seal.Blob, error) {
	i := slices.IndexFunc(sealed, func(c sealedColumn) bool { return c.Place == p })
	if i < 0 {
		return nil, errors.New("store: nothing is sealed in " + p.Table + "." + p.Column)
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, `+sealed[i].of+`, `+p.Column+` FROM `+p.Table+`
		WHERE id > $1 AND `+p.Column+` IS NOT NULL AND LENGTH(`+p.Column+`) > 0 ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (b seal.Blob, err error) {
		var of int64
		err = r.Scan(&b.ID, &of, &b.Sealed)
		b.Number = sealed[i].bound(of)
		return b, err
	})
}

// Replace implements [seal.Store].
func (s Secrets) Replace(ctx context.Context, p seal.Place, all []seal.Replacement) (replaced int, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		replaced = 0
		for _, r := range all {
			result, err := tx.ExecContext(ctx,
				`UPDATE `+p.Table+` SET `+p.Column+` = $3 WHERE id = $1 AND `+p.Column+` = $2`, r.ID, r.Sealed, r.Fresh)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			replaced += int(n)
		}
		return nil
	})
	return replaced, err
}
