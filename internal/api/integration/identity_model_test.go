package integration_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/api/apitest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// TestMain limits the models to what a test run has time for. go test
// ./internal/api/integration -rapid.checks=1000 looks deeper.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// judged is a contact as the judge has it. A deleted one has its chats aside.
type judged struct {
	id                     int64
	external, phone, email string
	chats                  []int64
	deleted                bool
	// updated grows with every change of anybody.
	updated int
}

// judge knows by the documented rules alone who must be who; it looks at everybody for
// each item.
type judge struct {
	people []*judged
	turns  int
}

// namedPerson is what a call says of a person.
type namedPerson struct {
	ContactID          int64  `json:"contactId,omitempty"`
	ExternalCustomerID string `json:"externalCustomerId,omitempty"`
	Phone              string `json:"phone,omitempty"`
	Email              string `json:"email,omitempty"`
}

func (j *judge) byExternal(external string) *judged {
	for _, p := range j.people {
		if external != "" && p.external == external {
			return p
		}
	}
	return nil
}

// holder returns the one whom a phone or email leads to, among those who fit.
func (j *judge) holder(value string, of func(*judged) string, fits func(*judged) bool) (best *judged) {
	for _, p := range j.people {
		if value == "" || p.deleted || of(p) != value || !fits(p) {
			continue
		}
		switch {
		case best == nil:
			best = p
		case (p.external == "") != (best.external == ""):
			if p.external == "" {
				best = p
			}
		case p.updated > best.updated:
			best = p
		}
	}
	return best
}

func phoneOf(p *judged) string { return p.phone }
func emailOf(p *judged) string { return p.email }
func anybody(*judged) bool     { return true }

// touch restores a person with the chats that nobody else has, and settles what it may
// not share: contacts share a phone or an email only if all have external ids.
func (j *judge) touch(p *judged, phone, email string) {
	wasPhone, wasEmail := p.phone, p.email
	if p.deleted {
		wasPhone, wasEmail = "", ""
		p.chats = slices.DeleteFunc(p.chats, func(chat int64) bool { return j.hasChat(chat) != nil })
		p.deleted = false
	}
	for _, v := range []struct {
		value, was string
		to         *string
		of         func(*judged) string
	}{{phone, wasPhone, &p.phone, phoneOf}, {email, wasEmail, &p.email, emailOf}} {
		if v.value != "" {
			*v.to = v.value
		}
		if *v.to == v.was {
			continue
		}
		barred := j.holder(*v.to, v.of, func(h *judged) bool { return h != p && (h.external == "" || p.external == "") })
		if barred != nil {
			*v.to = v.was
		}
	}
	j.turns++
	p.updated = j.turns
}

func (j *judge) hasChat(chat int64) *judged {
	for _, p := range j.people {
		if !p.deleted && slices.Contains(p.chats, chat) {
			return p
		}
	}
	return nil
}

func (j *judge) add(p *judged) *judged {
	j.turns++
	p.updated = j.turns
	j.people = append(j.people, p)
	return p
}

// token judges one item of the tokens call.
func (j *judge) token(chat int64, n namedPerson) (status string, p *judged) {
	var found *judged
	switch {
	case n.ContactID != 0:
		for _, x := range j.people {
			if x.id == n.ContactID && !x.deleted {
				found = x
			}
		}
	case n.ExternalCustomerID != "":
		found = j.byExternal(n.ExternalCustomerID)
	case n.Phone != "":
		found = j.holder(n.Phone, phoneOf, anybody)
	case n.Email != "":
		found = j.holder(n.Email, emailOf, anybody)
	default:
		return "REJECTED", nil
	}
	if holder := j.hasChat(chat); holder != nil {
		return "EXISTS", holder
	}
	switch {
	case found == nil && n.ExternalCustomerID+n.Phone+n.Email == "":
		return "REJECTED", nil
	case found == nil:
		found = &judged{}
		if j.byExternal(n.ExternalCustomerID) == nil {
			found.external = n.ExternalCustomerID
		}
		if j.holder(n.Phone, phoneOf, anybody) == nil {
			found.phone = n.Phone
		}
		if j.holder(n.Email, emailOf, anybody) == nil {
			found.email = n.Email
		}
		j.add(found)
	case found.deleted:
		j.touch(found, "", "")
	}
	if !slices.Contains(found.chats, chat) {
		found.chats = append(found.chats, chat)
	}
	return "CREATED", found
}

// save judges POST /contact.
func (j *judge) save(n namedPerson) *judged {
	fits := func(p *judged) bool { return n.ExternalCustomerID == "" || p.external == "" }
	found := j.byExternal(n.ExternalCustomerID)
	if found == nil {
		found = j.holder(n.Email, emailOf, fits)
	}
	if found == nil {
		found = j.holder(n.Phone, phoneOf, fits)
	}
	if found == nil {
		found = j.add(&judged{})
	}
	if n.ExternalCustomerID != "" {
		found.external = n.ExternalCustomerID
	}
	j.touch(found, n.Phone, n.Email)
	return found
}

// draw returns some of the few identifiers of a check, which are its own.
func (j *judge) draw(rt *rapid.T, check int, withID bool) (n namedPerson) {
	pick := func(label string, values ...string) string {
		return rapid.SampledFrom(append(values, "", "")).Draw(rt, label)
	}
	e := func(i int) string { return fmt.Sprintf("c%d-e%d", check, i) }
	n.ExternalCustomerID = pick("external", e(1), e(2), e(3))
	n.Phone = pick("phone", fmt.Sprintf("+38050%07d", 2*check), fmt.Sprintf("+38050%07d", 2*check+1))
	n.Email = pick("email", fmt.Sprintf("a%d@x.ua", check), fmt.Sprintf("b%d@x.ua", check))
	if withID && len(j.people) > 0 && rapid.IntRange(0, 3).Draw(rt, "by id") == 0 {
		n.ContactID = rapid.SampledFrom(j.people).Draw(rt, "id").id
	}
	return n
}

// The calls about people act as the judge says, whatever came before, on both engines.
//
// spec: app-priority app-first-decides app-created-with-all app-matched-untouched app-tokens-add contact-upsert contact-restored
// spec: contact-restored-whole
func TestIdentityJudge(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := apitest.NewOn(t, s)
		app := in.Connect(t)
		check := 0
		rapid.Check(t, func(rt *rapid.T) {
			check++
			c := court{T: rt, in: in, app: app, check: check, judge: &judge{}}
			for range rapid.IntRange(2, 10).Draw(rt, "calls") {
				rapid.SampledFrom([]func(){c.tokens, c.tokens, c.saveOne, c.saveOne, c.deleteOne}).Draw(rt, "call")()
				c.compare()
			}
		})
	})
}

// court makes the calls of one check.
type court struct {
	*rapid.T
	in    *apitest.Installation
	app   string
	check int
	judge *judge
}

func (c court) tokens() {
	type item struct {
		Token string `json:"token"`
		namedPerson
	}
	var items []item
	for range rapid.IntRange(1, 4).Draw(c.T, "items") {
		chat := int64(c.check*10 + rapid.IntRange(1, 5).Draw(c.T, "chat"))
		items = append(items, item{strconv.FormatInt(chat, 10), c.judge.draw(c.T, c.check, true)})
	}
	body, err := json.Marshal(map[string]any{"tokens": items})
	require.NoError(c, err)
	w := c.in.Call(http.MethodPost, "/v1/apps/"+c.app+"/tokens", string(body))
	require.Equal(c, http.StatusOK, w.Code, w.Body)
	var got struct {
		Results []struct {
			ContactID int64
			Status    string
		}
	}
	require.NoError(c, json.Unmarshal(w.Body.Bytes(), &got))
	for i, x := range items {
		chat, _ := strconv.ParseInt(x.Token, 10, 64)
		status, p := c.judge.token(chat, x.namedPerson)
		require.Equal(c, status, got.Results[i].Status, "item %d of %s", i, body)
		c.same(p, got.Results[i].ContactID)
	}
}

// same requires that the person has the id; a new one is given it.
func (c court) same(p *judged, id int64) {
	if p == nil {
		require.Zero(c, id)
		return
	}
	if p.id == 0 {
		require.False(c, slices.ContainsFunc(c.judge.people, func(x *judged) bool { return x.id == id }), "contact %d is not new", id)
		p.id = id
	}
	require.Equal(c, p.id, id)
}

func (c court) saveOne() {
	n := c.judge.draw(c.T, c.check, false)
	if n == (namedPerson{}) {
		return
	}
	// What is empty is not sent.
	channels := []map[string]string{}
	if n.Email != "" {
		channels = append(channels, map[string]string{"type": "email", "value": n.Email})
	}
	if n.Phone != "" {
		channels = append(channels, map[string]string{"type": "sms", "value": n.Phone})
	}
	sent := map[string]any{"channels": channels}
	if n.ExternalCustomerID != "" {
		sent["externalCustomerId"] = n.ExternalCustomerID
	}
	text, err := json.Marshal(sent)
	require.NoError(c, err)
	w := c.in.Call(http.MethodPost, "/v1/contact", string(text))
	require.Equal(c, http.StatusOK, w.Code, "%s: %s", text, w.Body)
	var got struct{ ID int64 }
	require.NoError(c, json.Unmarshal(w.Body.Bytes(), &got))
	c.same(c.judge.save(n), got.ID)
}

// deleteOne deletes or erases somebody, by id or by external id.
func (c court) deleteOne() {
	if len(c.judge.people) == 0 {
		return
	}
	p := rapid.SampledFrom(c.judge.people).Draw(c.T, "whom")
	erase := rapid.IntRange(0, 3).Draw(c.T, "erase") == 0
	path := fmt.Sprintf("/v1/contact/%d?erase=%v", p.id, erase)
	if p.external != "" && rapid.Bool().Draw(c.T, "by external id") {
		path = fmt.Sprintf("/v1/contact?externalCustomerId=%s&erase=%v", url.QueryEscape(p.external), erase)
	}
	want := http.StatusOK
	if p.deleted && !erase {
		want = http.StatusNotFound
	}
	require.Equal(c, want, c.in.Call(http.MethodDelete, path, "").Code, path)
	p.deleted = true
	if erase {
		c.judge.people = slices.DeleteFunc(c.judge.people, func(x *judged) bool { return x == p })
	}
}

// compare requires that everybody is as the judge says.
func (c court) compare() {
	for _, p := range c.judge.people {
		w := c.in.Call(http.MethodGet, fmt.Sprintf("/v1/contact/%d?channelTypes=email,sms,telegrambot", p.id), "")
		if p.deleted {
			require.Equal(c, http.StatusNotFound, w.Code)
			continue
		}
		var got struct {
			ExternalCustomerID string
			Channels           []struct{ Type, Value string }
		}
		require.Equal(c, http.StatusOK, w.Code, w.Body)
		require.NoError(c, json.Unmarshal(w.Body.Bytes(), &got))
		is := judged{id: p.id, external: got.ExternalCustomerID, updated: p.updated}
		for _, channel := range got.Channels {
			switch channel.Type {
			case "email":
				is.email = channel.Value
			case "sms":
				is.phone = channel.Value
			default:
				chat, err := strconv.ParseInt(channel.Value, 10, 64)
				require.NoError(c, err)
				is.chats = append(is.chats, chat)
			}
		}
		want := *p
		want.chats = append([]int64(nil), want.chats...)
		slices.Sort(want.chats)
		require.Equal(c, want, is)
	}
}
