package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"bellman/internal/seal"
	"bellman/internal/store"
)

type secretCommand struct {
	Rotate secretRotateCommand `cmd:"" help:"Change the secret key while Bellman serves, and seal everything anew under a new data key. It can be cut off at any moment and run again."`
	Retire secretRetireCommand `cmd:"" help:"Finish a change of the secret key: only the one with which this runs opens the database from then on."`
	Drop   secretDropCommand   `cmd:"" help:"Drop an older data key that is known to somebody: links that were signed with it lead nowhere."`
	Status secretStatusCommand `cmd:"" help:"Say which keys there are, and how many secrets are sealed under each; no key is shown."`
}

type secretRotateCommand struct {
	database
	NewSecretKey string `help:"The new secret key, 32 bytes in base64, where you keep the present one yourself. With SQLite one is made beside the file." env:"BELLMAN_NEW_SECRET_KEY" secret:"" placeholder:"KEY"`
}

// Run changes the secret key as far as it can, and says what is left to do.
func (c *secretRotateCommand) Run() error {
	return c.withRing(func(ctx context.Context, db *store.DB, ring *seal.Ring) error {
		r := rotation{database: c.database, given: c.NewSecretKey, db: db, ring: ring, mine: ring.Secret(), out: os.Stdout}
		for _, step := range r.steps() {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// rotation is a change of the secret key.
type rotation struct {
	database
	given string
	out   io.Writer
	db    *store.DB
	ring  *seal.Ring
	// mine is the present secret key, fresh the new one: the same when a run before has put
	// it into its file already. old is the fingerprint of the one of before.
	mine, fresh seal.Secret
	old         seal.Fingerprint
}

// steps returns the parts of the change. Whichever the last one was, Bellman starts and
// serves, and the change goes on when all are done again.
func (r *rotation) steps() []func(context.Context) error {
	if !r.hasKeyFile() {
		return []func(context.Context) error{r.choose, r.rotate, r.reseal, r.sayRotated}
	}
	return []func(context.Context) error{r.choose, r.rotate, r.reseal, r.turn, r.retire, r.sayTurned}
}

// choose finds the new secret key, or makes it.
func (r *rotation) choose(ctx context.Context) (err error) {
	if !r.hasKeyFile() {
		if r.given == "" {
			return errors.New("make a new secret key (such as with: openssl rand -base64 32) and give it as BELLMAN_NEW_SECRET_KEY, " +
				"beside the present one")
		}
		r.fresh, err = readSecret(r.given, "BELLMAN_NEW_SECRET_KEY")
		return err
	}
	if r.given != "" {
		return fmt.Errorf("the secret key is in %s, where this command puts a fresh one: leave BELLMAN_NEW_SECRET_KEY out", r.keyFile())
	}
	stored, err := r.db.Secrets.Ring(ctx)
	if err != nil {
		return err
	}
	if r.old = stored.Pin; stored.Coming() == r.mine.Fingerprint() {
		r.fresh = r.mine
		return nil
	}
	r.fresh, err = makeSecret(r.newKeyFile())
	return err
}

// turned reports whether the file has the new key already.
func (r *rotation) turned() bool {
	return r.hasKeyFile() && r.fresh.Fingerprint() == r.mine.Fingerprint()
}

func (r *rotation) rotate(ctx context.Context) error {
	if r.turned() {
		return nil
	}
	return r.ring.Rotate(byCommand(ctx, "rotate-secret", "installation", 0), r.fresh)
}

func (r *rotation) reseal(ctx context.Context) error {
	done, err := r.ring.Reseal(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "%d secrets are sealed anew\n", done.Sealed)
	if done.Unreadable > 0 {
		fmt.Fprintf(r.out, "%d do not open with any key, and stay as they are: their keys were lost before\n", done.Unreadable)
	}
	return nil
}

// turn puts the new key into its file.
func (r *rotation) turn(context.Context) error {
	if r.turned() {
		return nil
	}
	return r.turnKeyFile(r.mine)
}

func (r *rotation) retire(ctx context.Context) error {
	return r.ring.Retire(byCommand(ctx, "retire-secret", "installation", 0), r.fresh, false)
}

func (r *rotation) sayRotated(context.Context) error {
	_, err := fmt.Fprintf(r.out, "both secret keys open %s now. Set BELLMAN_SECRET_KEY to the new one wherever Bellman runs, and start\n"+
		"one process after another with it. Then finish with the new key: bellman secret retire\n", r.shown())
	return err
}

func (r *rotation) sayTurned(context.Context) error {
	_, err := fmt.Fprintf(r.out, "%s has a new secret key, in %s: keep a copy apart from the database. The old one is kept in\n"+
		"%s, for backups that were made before: remove it when these are gone\n", r.shown(), r.keyFile(), r.keyFileOf(r.old))
	return err
}

type secretRetireCommand struct {
	database
	Back bool `help:"Give the change up: run with the old key, which stays, and the new one opens nothing any more."`
}

// Run makes the secret key with which it runs the only one.
func (c *secretRetireCommand) Run() error {
	return c.withRing(func(ctx context.Context, db *store.DB, ring *seal.Ring) error {
		if c.hasKeyFile() {
			stored, err := db.Secrets.Ring(ctx)
			if err != nil {
				return err
			}
			if stored.Coming() != "" && !c.Back {
				return errors.New("run bellman secret rotate again: it finishes what it has begun")
			}
		}
		if err := ring.Retire(byCommand(ctx, "retire-secret", "installation", 0), ring.Secret(), c.Back); err != nil {
			return err
		}
		if c.hasKeyFile() && c.Back {
			if err := os.Remove(c.newKeyFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		// A process with an older ring may have written since.
		if _, err := ring.Reseal(ctx); err != nil {
			return err
		}
		_, err := fmt.Printf("%s opens with this secret key (%s) alone\n", c.shown(), ring.Secret().Fingerprint().Short())
		return err
	})
}

type secretDropCommand struct {
	database
	ID  int64 `arg:"" help:"The number of the data key, from secret status."`
	Yes bool  `help:"Do it: links in messages that were sent under this data key lead nowhere." required:""`
}

// Run drops the data key.
func (c *secretDropCommand) Run() error {
	return c.with(func(ctx context.Context, db *store.DB) error {
		if err := seal.Drop(byCommand(ctx, "drop-secret", fmt.Sprint("secrets/", c.ID), 0), db.Secrets, c.ID); err != nil {
			return err
		}
		_, err := fmt.Printf("data key %d of %s is dropped; processes that serve follow within a quarter of a minute\n", c.ID, c.shown())
		return err
	})
}

type secretStatusCommand struct{ database }

// Run prints the fingerprints of the secret keys, and a table of the data keys.
func (c *secretStatusCommand) Run() error {
	return c.with(func(ctx context.Context, db *store.DB) error {
		s, err := seal.Look(ctx, db.Secrets)
		if err != nil {
			return err
		}
		switch coming := s.Coming(); {
		case s.Pin == "":
			fmt.Printf("%s has no secret key: it takes that of its next start\n", c.shown())
		case coming != "":
			fmt.Printf("%s opens with the secret keys %s and, newer, %s: a change is under way\n", c.shown(), s.Pin.Short(), coming.Short())
		default:
			fmt.Printf("%s opens with the secret key %s\n", c.shown(), s.Pin.Short())
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "DATA KEY\tMADE\tSECRETS UNDER IT")
		for _, k := range s.Keys {
			made := k.MadeAt.Format(time.RFC3339)
			if k.Forgotten() {
				made += ", forgotten"
			}
			fmt.Fprintf(table, "%d\t%s\t%s\n", k.ID, made, shownBlobs(s, k.ID, db.Secrets.Places()))
		}
		return table.Flush()
	})
}

// shownBlobs returns how many blobs are under a data key, and where.
func shownBlobs(s seal.Status, id int64, places []seal.Place) string {
	var parts []string
	for _, p := range places {
		if n := s.Blobs[id][p]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s.%s %d", p.Table, p.Column, n))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// withRing runs do with the database of an installation and its keys.
func (d database) withRing(do func(ctx context.Context, db *store.DB, ring *seal.Ring) error) error {
	return d.with(func(ctx context.Context, db *store.DB) error {
		ring, err := d.ring(ctx, db)
		if err != nil {
			return err
		}
		return do(ctx, db, ring)
	})
}
