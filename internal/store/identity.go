package store

import (
	"cmp"
	"context"
	"database/sql"
	"iter"
	"maps"
	"slices"

	"bellman/internal/contact"
	"bellman/internal/fault"
)

// This file keeps identities: by which values contacts are found. The values are those
// of the contacts' own rows, deleted ones included, whose writer keeps them the same.

// Kinds of identities, as the database has them.
const (
	kindExternalID = 1
	kindPhone      = 2
	kindEmail      = 3
)

// An identity is a value by which contacts are found.
type identity struct {
	kind  int64
	value string
}

// A holding is an identity that a contact has.
type holding struct {
	identity
	contactID int64
}

func byIdentity(a, b holding) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.value, b.value))
}

// identitiesOf returns the values by which a contact is found.
func identitiesOf(c *contact.Contact) []identity {
	all := []identity{
		{kindExternalID, c.ExternalCustomerID}, {kindPhone, c.Phone}, {kindEmail, contact.EmailKey(c.Email)},
	}
	return slices.DeleteFunc(all, func(i identity) bool { return i.value == "" })
}

// holders are the contacts that have identities, by these.
type holders map[identity][]int64

// contactIDs returns all of them, in the order of their ids.
func (h holders) contactIDs() []int64 {
	var ids []int64
	for _, of := range h {
		ids = append(ids, of...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// same reports whether the same contacts have the same identities.
func (h holders) same(other holders) bool { return maps.EqualFunc(h, other, slices.Equal) }

// holders reads who has the identities that the lookup names, in the order of their
// ids.
func (s *pools) holders(ctx context.Context, q queryer, look contact.Lookup) (holders, error) {
	found := holders{}
	named := rowWriter{expected: countIn(look)}
	if named.expected == 0 {
		return found, nil
	}
	for i := range identitiesIn(look) {
		named.row().int(look.WorkspaceID).int(i.kind).verbatim(i.value)
	}
	rows, err := q.QueryContext(ctx, `
		SELECT i.kind, i.value, i.contact_id FROM `+s.d.rows("$1", identityColumns[:3])+` AS v
		CROSS JOIN identities i WHERE i.workspace_id = v.workspace_id AND i.kind = v.kind AND i.value = v.value`, named.String())
	if err != nil {
		return nil, err
	}
	err = each(rows, func(r *sql.Rows) error {
		var (
			i  identity
			id int64
		)
		err := r.Scan(&i.kind, &i.value, &id)
		found[i] = append(found[i], id)
		return err
	})
	for i := range found {
		slices.Sort(found[i])
		found[i] = slices.Compact(found[i])
	}
	return found, err
}

// countIn returns how many identities the lookup names.
func countIn(look contact.Lookup) int {
	return len(look.ExternalIDs) + len(look.Phones) + len(look.EmailKeys)
}

// identitiesIn returns the identities that the lookup names.
func identitiesIn(look contact.Lookup) iter.Seq[identity] {
	return func(yield func(identity) bool) {
		for _, of := range []struct {
			kind   int64
			values []string
		}{{kindExternalID, look.ExternalIDs}, {kindPhone, look.Phones}, {kindEmail, look.EmailKeys}} {
			for _, value := range of.values {
				if !yield(identity{of.kind, value}) {
					return
				}
			}
		}
	}
}

// The workspace is in each row: a planner that finds it beside them takes it for a reason
// to begin with the table, as long as that is small, and keeps to the plan when it no
// longer is.
var identityColumns = []column{
	{"workspace_id", "bigint"}, {"kind", "bigint"}, {"value", "text"}, {"contact_id", "bigint"}, {"sharer", "bigint"},
}

// nobody has the identities that a transaction keeps to itself without giving them to
// anybody.
const nobody = 0

// moveIdentities writes which identities contacts lose and get. Those of the lookup
// that nobody has and nobody gets are kept until the transaction ends, so that no other
// one gives them to somebody meanwhile. It fails with errContended when somebody has
// got one of them since the holders were read.
func (w *contactWriter) moveIdentities(ctx context.Context, tx *sql.Tx, plan contact.Plan) error {
	var lost rowWriter
	free := w.free()
	got := make([]holding, 0, 3*len(plan.Create))
	for _, c := range slices.Concat(plan.Create, plan.Update) {
		was, is := w.identitiesBefore(c), identitiesOf(c)
		w.lose(&lost, c.ID, without(was, is))
		for _, i := range without(is, was) {
			got = append(got, holding{i, c.ID})
		}
	}
	for _, c := range slices.Concat(plan.Erase, plan.Remove) {
		w.lose(&lost, c.ID, w.identitiesBefore(c))
	}
	// In one order, so that transactions which meet in several wait for each other once.
	slices.SortStableFunc(got, byIdentity)
	kept := keptOf(free, got)
	if len(kept) > 0 {
		got = append(got, kept...)
		slices.SortStableFunc(got, byIdentity)
	}
	if err := w.deleteIdentities(ctx, tx, lost); err != nil {
		return err
	}
	if err := w.insertIdentities(ctx, tx, got); err != nil {
		return err
	}
	var none rowWriter
	for _, h := range kept {
		none.row().int(w.look.WorkspaceID).int(h.kind).verbatim(h.value).int(nobody)
	}
	return w.deleteIdentities(ctx, tx, none)
}

// keptOf returns those of the identities that are in none of the sorted holdings, under
// nobody.
func keptOf(free []identity, got []holding) (kept []holding) {
	for _, i := range free {
		if _, given := slices.BinarySearchFunc(got, holding{identity: i}, byIdentity); !given {
			kept = append(kept, holding{i, nobody})
		}
	}
	slices.SortFunc(kept, byIdentity)
	return slices.Compact(kept)
}

func (w *contactWriter) identitiesBefore(c *contact.Contact) []identity {
	if was := w.was[c.ID]; was != nil {
		return identitiesOf(was)
	}
	return nil
}

// lose notes that a contact has identities no more.
func (w *contactWriter) lose(lost *rowWriter, id int64, identities []identity) {
	for _, i := range identities {
		lost.row().int(w.look.WorkspaceID).int(i.kind).verbatim(i.value).int(id)
		w.held[i] = slices.DeleteFunc(w.held[i], func(holder int64) bool { return holder == id })
	}
}

// free returns the identities of the lookup that nobody has, in a transaction beside
// which others decide.
func (w *contactWriter) free() []identity {
	if w.alone {
		return nil
	}
	free := make([]identity, 0, countIn(w.look))
	for i := range identitiesIn(w.look) {
		if len(w.held[i]) == 0 {
			free = append(free, i)
		}
	}
	return free
}

// without returns the identities that others does not contain.
func without(identities, others []identity) []identity {
	if len(others) == 0 {
		return identities
	}
	return slices.DeleteFunc(slices.Clone(identities), func(i identity) bool { return slices.Contains(others, i) })
}

func (w *contactWriter) deleteIdentities(ctx context.Context, tx *sql.Tx, gone rowWriter) error {
	return w.exec(ctx, tx, gone, `
		DELETE FROM identities WHERE (workspace_id, kind, value, contact_id) IN (
			SELECT * FROM `+w.s.d.rows("$1", identityColumns[:4])+` AS gone)`)
}

// insertIdentities writes sorted holdings. It fails with errContended when somebody has
// got one of them. It does not ask for that first, which would cost each row another
// look into the key: the transaction is over in any case.
func (w *contactWriter) insertIdentities(ctx context.Context, tx *sql.Tx, got []holding) error {
	put := rowWriter{expected: len(got)}
	for n, h := range got {
		sharer := h.contactID
		if first := n == 0 || got[n-1].identity != h.identity; first && len(w.held[h.identity]) == 0 {
			sharer = 0
		}
		put.row().int(h.kind).verbatim(h.value).int(h.contactID).int(sharer)
	}
	err := w.exec(ctx, tx, put, `
		INSERT INTO identities (`+names(identityColumns)+`) SELECT CAST($2 AS BIGINT), put.* FROM `+
		w.s.d.rows("$1", identityColumns[1:])+` AS put`, w.look.WorkspaceID)
	if !w.alone && fault.Is(w.s.d.classify(err), errDuplicate.Code) {
		err = errContended
	}
	return err
}
