package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

const approvalPath = "/manage/v1/workspace/approval"

// agency is an installation in which more than two recipients need somebody else, with
// groups of one, two and three people.
type agency struct {
	*apitest.Installation
	t      *testing.T
	app    string
	groups map[int]int64
	lease  dispatch.Lease
	steps  int64
}

func newAgency(t *testing.T, s *store.DB) *agency {
	t.Helper()
	a := &agency{Installation: apitest.NewOn(t, s), t: t, groups: map[int]int64{}}
	a.app = a.Connect(t)
	w := a.Call("POST", "/v1/apps/"+a.app+"/tokens", `{"tokens":[{"token":501,"externalCustomerId":"C1"},
		{"token":502,"externalCustomerId":"C2"},{"token":503,"externalCustomerId":"C3"}]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	for n, who := range map[int]string{1: `"C1"`, 2: `"C1","C2"`, 3: `"C1","C2","C3"`} {
		w := a.Call("POST", "/manage/v1/groups", fmt.Sprintf(`{"name":"g%d"}`, n))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		a.groups[n] = apitest.Field[int64](t, w, "id")
		w = a.Call("POST", fmt.Sprintf("/manage/v1/groups/%d/attach", a.groups[n]), `{"externalCustomerIds":[`+who+`]}`)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
	}
	held, _, err := s.Ledgers.HoldLeases(t.Context(), "p", time.Unix(1_800_000_000, 0), time.Hour, true)
	require.NoError(t, err)
	a.lease = held[0]
	w = a.Call("PUT", approvalPath, `{"above":2}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.EqualValues(t, 2, apitest.Field[int64](t, w, "approvalAbove"))
	return a
}

// write makes a message and a draft to n people, as a caller, and returns the draft's address.
func (a *agency) write(call apitest.Caller, n int) (messageID int64, draft string) {
	a.t.Helper()
	w := call("POST", "/manage/v1/messages", `{"name":"m","text":"x"}`)
	require.Equal(a.t, http.StatusCreated, w.Code, w.Body)
	messageID = apitest.Field[int64](a.t, w, "id")
	w = call("POST", "/manage/v1/campaigns",
		fmt.Sprintf(`{"name":"c","botId":1,"messageId":%d,"audience":{"groups":[%d]}}`, messageID, a.groups[n]))
	require.Equal(a.t, http.StatusCreated, w.Code, w.Body)
	return messageID, fmt.Sprint("/manage/v1/campaigns/", apitest.Field[int64](a.t, w, "id"))
}

// failed lets a campaign go out without asking anybody, to n people who do not get it.
func (a *agency) failed(call apitest.Caller, n int) (address string) {
	a.t.Helper()
	return a.ended(call, n, dispatch.Outcome{Status: dispatch.Failed, Reason: "telegram_error"})
}

// reached lets a campaign go out without asking anybody, to n people who get it.
func (a *agency) reached(call apitest.Caller, n int) (address string) {
	a.t.Helper()
	return a.ended(call, n, dispatch.Outcome{Status: dispatch.Sent, TelegramMessageID: 9})
}

// ended lets a campaign go out without asking anybody, to n people who all have the outcome.
func (a *agency) ended(call apitest.Caller, n int, o dispatch.Outcome) (address string) {
	a.t.Helper()
	ctx, now := a.t.Context(), time.Unix(1_900_000_000, 0)
	_, address = a.write(call, n)
	require.NoError(a.t, a.Store.Workspaces.Approve(ctx, workspace.Default, 0))
	w := call("POST", address+"/launch", ``)
	require.Equal(a.t, http.StatusOK, w.Code, w.Body)
	id := apitest.Field[int64](a.t, w, "id")
	_, err := a.Store.Campaigns.LayOut(ctx, id, 10, now)
	require.NoError(a.t, err)
	require.NoError(a.t, a.Store.Workspaces.Approve(ctx, workspace.Default, 2))
	_, err = a.Store.Ledgers.Adopt(ctx, a.lease.BotID, a.lease.Epoch, now)
	require.NoError(a.t, err)
	c := dispatch.CampaignStep{CampaignID: id, BotID: a.lease.BotID, Epoch: a.lease.Epoch, ClaimTo: int64(n)}
	for range 2 {
		a.steps++
		got, err := a.Store.Ledgers.Step(ctx, dispatch.Step{Owner: "p", Number: a.steps, Now: now, Campaigns: []dispatch.CampaignStep{c}})
		require.NoError(a.t, err)
		c.ClaimFrom, c.SettledSeq, c.Finish = c.ClaimTo, c.ClaimTo, true
		for _, r := range got[0].Recipients {
			o.Recipient, o.SettledAt = r, now
			c.Outcomes = append(c.Outcomes, o)
		}
	}
	w = call("GET", address, ``)
	require.Equal(a.t, "finished", apitest.Field[string](a.t, w, "state"))
	return address
}

// code returns the code of a problem.
func code(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Code < 300 {
		return ""
	}
	return apitest.Field[string](t, w, "code")
}

// Whoever may send launches, schedules and resends to few; to more than the workspace says,
// only a person does who is not the author.
func TestApprovalByRole(t *testing.T) {
	t.Parallel()
	ways := map[string]func(a *agency, author, by apitest.Caller, n int) *httptest.ResponseRecorder{
		"launch": func(a *agency, author, by apitest.Caller, n int) *httptest.ResponseRecorder {
			_, draft := a.write(author, n)
			return by("POST", draft+"/launch", fmt.Sprintf(`{"version":%q}`, a.version(draft)))
		},
		"schedule": func(a *agency, author, by apitest.Caller, n int) *httptest.ResponseRecorder {
			_, draft := a.write(author, n)
			return by("POST", draft+"/launch", fmt.Sprintf(`{"version":%q,"at":"2037-01-01T00:00:00Z"}`, a.version(draft)))
		},
		"resend": func(a *agency, author, by apitest.Caller, n int) *httptest.ResponseRecorder {
			return by("POST", a.failed(author, n)+"/resend", `{"statuses":["failed"]}`)
		},
		"edit": func(a *agency, author, by apitest.Caller, n int) *httptest.ResponseRecorder {
			messageID, _ := a.write(author, n)
			return by("POST", a.reached(author, n)+"/edit", fmt.Sprintf(`{"messageId":%d}`, messageID))
		},
		"delete": func(a *agency, author, by apitest.Caller, n int) *httptest.ResponseRecorder {
			return by("POST", a.reached(author, n)+"/delete", ``)
		},
	}
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		a := newAgency(t, s)
		installer := caller(t, a.Installation, "installer") // the first user, before others
		author := a.Join(t, workspace.Default, access.Owner).CallAnew(t)
		names := []string{"author", "owner", "admin", "marketer", "writer", "analyst", "installer", "full key", "key of the installation"}
		for _, name := range names {
			by := author
			switch name {
			case "author":
			case "installer":
				by = installer
			default:
				by = caller(t, a.Installation, name)
			}
			for way, do := range ways {
				for n := 1; n <= 3; n++ {
					want := ""
					switch {
					case name == "writer" || name == "analyst":
						want = "role_too_narrow"
					case n == 3 && (name == "author" || strings.Contains(name, "key")):
						want = "approval_needed"
					}
					w := do(a, author, by, n)
					require.Equal(t, want, code(t, w), "%s by %s to %d: %s", way, name, n, w.Body)
					if want == "" && n == 3 {
						require.Equal(t, "user", apitest.Field[map[string]any](t, w, "approvedBy")["kind"])
					}
				}
			}
		}
	})
}

// version returns the version of a draft.
func (a *agency) version(draft string) string {
	a.t.Helper()
	w := a.Call("GET", draft+"/check", ``)
	require.Equal(a.t, http.StatusOK, w.Code, w.Body)
	return apitest.Field[string](a.t, w, "version")
}

// A broadcast of the integration API, in one call by a key, goes to few alone. What a key
// has written, a person launches.
func TestKeysBroadcastToFew(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		a := newAgency(t, s)
		messageID, draft := a.write(func(method, path, body string) *httptest.ResponseRecorder { return a.Call(method, path, body) }, 3)
		for n := 1; n <= 3; n++ {
			for _, start := range []string{``, `,"startDate":"2037-01-01T00:00:00Z"`} {
				w := a.Call("POST", "/v1/broadcast", fmt.Sprintf(`{"messageId":%d,"groups":[%d],"appUuid":%q%s}`, messageID, a.groups[n], a.app, start))
				if n < 3 {
					require.Equal(t, http.StatusOK, w.Code, w.Body)
					continue
				}
				require.Equal(t, http.StatusForbidden, w.Code, w.Body)
				require.Contains(t, w.Body.String(), "an API key is nobody else")
			}
		}
		all, _, _, err := s.Campaigns.List(t.Context(), workspace.Default, campaign.Filter{Kind: campaign.Broadcast, Limit: 10})
		require.NoError(t, err)
		require.Len(t, all, 5, "the refused ones left nothing")
		w := a.Join(t, workspace.Default, access.Marketer).Call("POST", draft+"/launch", fmt.Sprintf(`{"version":%q}`, a.version(draft)))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
	})
}

// The check of a campaign tells whether somebody else is needed, and who may be that.
func TestCheckTellsWhoMayApprove(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		a := newAgency(t, s)
		author := a.Join(t, workspace.Default, access.Marketer)
		_, draft := a.write(author.CallAnew(t), 3)
		for name, want := range map[string]struct {
			by      *apitest.Person
			mayGive bool
			why     string
		}{
			"the author":      {author, false, "you, marketer, changed the campaign last"},
			"another one":     {a.Join(t, workspace.Default, access.Marketer), true, ""},
			"who cannot send": {a.Join(t, workspace.Default, access.Writer), false, "does not send"},
		} {
			w := want.by.Call("GET", draft+"/check", ``)
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			var got struct {
				Above   int64
				Needed  bool
				MayGive bool
				Why     string
			}
			text, err := json.Marshal(apitest.Field[map[string]any](t, w, "approval"))
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &got))
			require.EqualValues(t, 2, got.Above)
			require.True(t, got.Needed)
			require.Equal(t, want.mayGive, got.MayGive, name)
			require.Contains(t, got.Why, want.why, name)
		}
		w := author.Call("GET", draft, ``)
		require.Equal(t, "marketer", apitest.Field[map[string]any](t, w, "editedBy")["name"])
		require.NoError(t, s.Workspaces.Approve(t.Context(), workspace.Default, 0))
		w = author.Call("GET", draft+"/check", ``)
		require.NotContains(t, w.Body.String(), `"approval"`)
	})
}

// Only owners say from how many on somebody else is asked, with the password given again,
// and the audit log tells what it was and what it became.
func TestApprovalIsSetByOwners(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		a := newAgency(t, s)
		for role, want := range map[access.Role]int{access.Admin: http.StatusForbidden, access.Marketer: http.StatusForbidden} {
			require.Equal(t, want, a.Join(t, workspace.Default, role).Call("PUT", approvalPath, `{"above":null}`).Code, role)
		}
		owner := a.Join(t, workspace.Default, access.Owner)
		for body, want := range map[string]int{
			`{"above":0}`: 422, `{"above":-1}`: 422, `{"above":1000000001}`: 422, `{}`: 422, `{"above":5}`: 200,
		} {
			require.Equal(t, want, owner.Call("PUT", approvalPath, body).Code, body)
		}
		w := owner.Call("PUT", approvalPath, `{"above":null}`)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.NotContains(t, w.Body.String(), "approvalAbove")
		var told []string
		for _, line := range short(allLines(t, a.Installation)) {
			if strings.Contains(line, "set-approval") {
				told = append(told, line)
			}
		}
		require.Equal(t, []string{
			`1 key set-approval workspace: done {"approvalAbove":0} {"approvalAbove":2}`,
			`1 user set-approval workspace: role_too_narrow`, `1 user set-approval workspace: role_too_narrow`,
			`1 user set-approval workspace: done {"approvalAbove":2} {"approvalAbove":5}`,
			`1 user set-approval workspace: done {"approvalAbove":5} {"approvalAbove":0}`,
		}, told)
	})
}

// The audit log tells who wrote what somebody else launched, and who was refused.
func TestAuditTellsOfApprovals(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		a := newAgency(t, s)
		author, other := a.Join(t, workspace.Default, access.Marketer), a.Join(t, workspace.Default, access.Admin)
		_, draft := a.write(author.CallAnew(t), 3)
		body := fmt.Sprintf(`{"version":%q}`, a.version(draft))
		require.Equal(t, http.StatusForbidden, author.Call("POST", draft+"/launch", body).Code)
		require.Equal(t, http.StatusOK, other.Call("POST", draft+"/launch", body).Code)
		lines := short(allLines(t, a.Installation))
		facts := ` {"approvalAbove":2,"campaignBy":"marketer","messageBy":"marketer","recipients":3} ` +
			`{"bot":"` + username(t, a.Installation) + `","name":"c","peopleAtMost":3}`
		require.Equal(t, []string{
			`1 user launch-campaign campaigns/1: approval_needed` + facts, `1 user launch-campaign campaigns/1: done` + facts,
		}, lines[len(lines)-2:])
	})
}

// A resend that meets more than were counted waits as well.
func TestLayoutOfAResendIsBounded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		a := newAgency(t, s)
		author := a.Join(t, workspace.Default, access.Marketer).CallAnew(t)
		parent := a.failed(author, 3)
		require.NoError(t, s.Workspaces.Approve(t.Context(), workspace.Default, 3))
		w := author("POST", parent+"/resend", `{"statuses":["failed"]}`)
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		id := apitest.Field[int64](t, w, "id")
		require.NoError(t, s.Workspaces.Approve(t.Context(), workspace.Default, 2))
		for range 4 {
			_, err := s.Campaigns.LayOut(t.Context(), id, 1, time.Unix(1_900_000_000, 0))
			require.NoError(t, err)
		}
		c, _, err := s.Campaigns.Find(t.Context(), workspace.Default, id)
		require.NoError(t, err)
		require.Equal(t, campaign.Paused, c.State)
		require.EqualValues(t, 2, c.LaidSeq)
		resume := fmt.Sprint("/manage/v1/campaigns/", id, "/resume")
		require.Equal(t, "approval_needed", code(t, author("POST", resume, ``)))
		w = a.Join(t, workspace.Default, access.Marketer).Call("POST", resume, ``)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
	})
}
