package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// A migration is one step of the schema: one text for both engines and, only where
// they must differ, an overlay NNNN_name.ENGINE.sql that runs after it.
type migration struct {
	version int
	text    string
	overlay string
}

// migrate brings the schema to the newest version, one transaction per migration,
// under a lock, so that processes that start together do not collide.
func (s *pools) migrate(ctx context.Context) error {
	steps, err := s.migrations()
	if err != nil {
		return err
	}
	create := `CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT NOT NULL PRIMARY KEY)`
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.d.lock(ctx, tx, lockMigrate, 0); err != nil {
			return fmt.Errorf("store: lock schema: %w", err)
		}
		if err := s.planWidely(ctx, tx); err != nil {
			return fmt.Errorf("store: plan migrations: %w", err)
		}
		if _, err := tx.ExecContext(ctx, create); err != nil {
			return fmt.Errorf("store: create schema_versions: %w", err)
		}
		var have int
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM schema_versions`).Scan(&have); err != nil {
			return fmt.Errorf("store: read schema version: %w", err)
		}
		if newest := steps[len(steps)-1].version; have > newest {
			return errNewer(have, newest)
		}
		for _, m := range steps {
			if m.version <= have {
				continue
			}
			if err := s.apply(ctx, tx, m); err != nil {
				return fmt.Errorf("store: migration %04d: %w", m.version, err)
			}
		}
		return nil
	})
}

func errNewer(have, newest int) error {
	return fmt.Errorf("store: the database has schema version %d, this program knows %d: use a newer program", have, newest)
}

// current returns an error unless the schema is the newest one.
func (s *pools) current(ctx context.Context) error {
	steps, err := s.migrations()
	if err != nil {
		return err
	}
	var there bool
	if err := s.read.QueryRowContext(ctx, `SELECT `+s.d.hasTable, "schema_versions").Scan(&there); err != nil {
		return s.d.classify(err)
	}
	if !there {
		return ErrNoInstallation
	}
	var have int
	if err := s.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM schema_versions`).Scan(&have); err != nil {
		return s.d.classify(err)
	}
	switch newest := steps[len(steps)-1].version; {
	case have > newest:
		return errNewer(have, newest)
	case have < newest:
		return fmt.Errorf("store: the database has schema version %d, this program has %d: "+
			"start bellman serve of this version first, which brings it up to date", have, newest)
	}
	return nil
}

func (s *pools) apply(ctx context.Context, tx *sql.Tx, m migration) error {
	for _, text := range []string{m.text, m.overlay} {
		for _, statement := range statements(s.words(text)) {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%w in %q", err, statement)
			}
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO schema_versions (version) VALUES ($1)`, m.version)
	return err
}

// words replaces {{name}} with the engine's words.
func (s *pools) words(text string) string {
	for name, word := range s.d.words {
		text = strings.ReplaceAll(text, "{{"+name+"}}", word)
	}
	return text
}

// bracket begins and ends what is one statement with semicolons in it.
const bracket = "$$"

// statements splits a migration at semicolons that end a line, but not within brackets,
// and drops comments.
func statements(text string) []string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			kept = append(kept, line)
		}
	}
	var (
		all   []string
		begun string
	)
	for part := range strings.SplitSeq(strings.Join(kept, ""), ";\n") {
		if begun += part; strings.Count(begun, bracket)%2 == 1 {
			begun += ";\n"
			continue
		}
		if part = strings.TrimSpace(begun); part != "" {
			all = append(all, strings.TrimSuffix(part, ";"))
		}
		begun = ""
	}
	return all
}

func (s *pools) migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var steps []migration
	for _, name := range names {
		base := strings.TrimPrefix(name, "migrations/")
		if strings.Count(base, ".") > 1 {
			continue
		}
		number, _, _ := strings.Cut(base, "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("store: migration %s has no number", name)
		}
		text, err := fs.ReadFile(migrationFiles, name)
		if err != nil {
			return nil, err
		}
		overlay, err := fs.ReadFile(migrationFiles, strings.TrimSuffix(name, ".sql")+s.d.overlay)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		steps = append(steps, migration{version: version, text: string(text), overlay: string(overlay)})
	}
	return steps, nil
}
