package campaign_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/message"
)

func (m *memory) CreateChange(_ context.Context, c campaign.Campaign) (int64, error) {
	m.created = append(m.created, c)
	return 8, m.away
}

// sentOut is a broadcast that has ended, and its ledger.
func sentOut() *memory {
	m := newMemory(campaign.Campaign{
		ID: 7, WorkspaceID: 1, BotID: 2, MessageID: 3, Name: "sale", MessageName: "m", BotUsername: "b", Kind: campaign.Broadcast,
		State: campaign.Finished, Audience: campaign.Audience{All: true}, AllowPaid: true, StarsBudget: 5, Content: `{"text":"wrong"}`,
		LaidSeq: 9, Laid: true, FinishedAt: noon.Add(-time.Hour), CreatedAt: noon.Add(-2 * time.Hour),
	})
	m.ledger = campaign.Ledger{ClaimedSeq: 9, Sent: 6, Failed: 2, Unknown: 1}
	return m
}

// changes are the two ways to change what was sent.
var changes = map[campaign.Action]func(ctx context.Context, m *memory) (campaign.Report, error){
	campaign.Edit: func(ctx context.Context, m *memory) (campaign.Report, error) {
		return m.service().EditSent(ctx, 1, 7, 4)
	},
	campaign.Delete: func(ctx context.Context, m *memory) (campaign.Report, error) {
		return m.service().DeleteSent(ctx, 1, 7)
	},
}

// A change goes to all who got the broadcast, and costs no Stars.
func TestChangesGoToWhomItWasSent(t *testing.T) {
	t.Parallel()
	want := campaign.Campaign{
		WorkspaceID: 1, BotID: 2, Name: "sale", BotUsername: "b", Kind: campaign.Broadcast, State: campaign.Launching, Of: 7,
		Audience: campaign.Audience{Statuses: []campaign.Status{campaign.Sent}}, LaunchedAt: noon, CreatedAt: noon, UpdatedAt: noon,
	}
	edit, remove := want, want
	edit.Action, edit.MessageID, edit.Content = campaign.Edit, 4, `{"text":"hello"}`
	remove.Action, remove.MessageID, remove.MessageName, remove.Content = campaign.Delete, 3, "m", `{"text":"wrong"}`
	for action, want := range map[campaign.Action]campaign.Campaign{campaign.Edit: edit, campaign.Delete: remove} {
		m := sentOut()
		made, err := changes[action](t.Context(), m)
		require.NoError(t, err)
		require.Equal(t, []campaign.Campaign{want}, m.created)
		want.ID = 8
		require.Equal(t, want, made.Campaign)
		require.Equal(t, 1, m.woken)
	}
}

func TestWhatCannotBeChanged(t *testing.T) {
	t.Parallel()
	both := []campaign.Action{campaign.Edit, campaign.Delete}
	for name, tt := range map[string]struct {
		make func(m *memory)
		of   []campaign.Action
		code string
	}{
		"a triggered campaign": {func(m *memory) { m.campaign.Kind = campaign.Triggered }, both, "campaign_state"},
		"an edit":              {func(m *memory) { m.campaign.Action, m.campaign.Of = campaign.Edit, 5 }, both, "change_of_change"},
		"a deletion":           {func(m *memory) { m.campaign.Action, m.campaign.Of = campaign.Delete, 5 }, both, "change_of_change"},
		"a draft":              {func(m *memory) { m.campaign.State = campaign.Draft }, both, "campaign_state"},
		"one that goes out":    {func(m *memory) { m.campaign.State = campaign.Sending }, both, "campaign_state"},
		"one that is paused":   {func(m *memory) { m.campaign.State = campaign.Paused }, both, "campaign_state"},
		"one that is forgotten": {
			func(m *memory) { m.campaign.ForgottenAt = noon }, both, "recipients_not_kept",
		},
		"one that nobody got": {func(m *memory) { m.ledger = campaign.Ledger{ClaimedSeq: 9, Failed: 9} }, both, "nobody_got_it"},
		"one that was cancelled a moment ago": {func(m *memory) {
			m.campaign.State, m.campaign.FinishedAt, m.ledger.Sent = campaign.Cancelled, noon.Add(-time.Minute), 5
		}, both, "messages_on_the_wire"},
		"an album": {func(m *memory) {
			m.campaign.Content = `{"media":[{"kind":"photo","id":1},{"kind":"photo","id":2}]}`
		}, both, "change_of_album"},
		"a photo by a text": {func(m *memory) { m.campaign.Content = `{"media":[{"kind":"photo","id":1}]}` }, both[:1], "edit_kind"},
		"a text by a photo": {func(m *memory) {
			m.content = message.Content{Version: message.Version{Media: []message.Media{{Kind: message.Photo, ID: 1}}}}
		}, both[:1], "edit_kind"},
		"what is too old to be deleted": {func(m *memory) { m.campaign.FinishedAt = noon.Add(-48*time.Hour - 1) }, both[1:], "delete_too_late"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, action := range both {
				m := sentOut()
				tt.make(m)
				_, err := changes[action](t.Context(), m)
				if len(tt.of) == 1 && tt.of[0] != action {
					require.NoError(t, err, action)
					continue
				}
				require.True(t, fault.Is(err, tt.code), "%s: %v", action, err)
				require.Empty(t, m.created)
				require.Zero(t, m.woken)
			}
		})
	}
}

// What a dead process had on the wire when the campaign was cancelled keeps nobody from a
// change for ever, and a deletion can begin until the last second.
func TestWhatCanStillBeChanged(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(m *memory){
		"cancelled while a process died": func(m *memory) {
			m.campaign.State, m.campaign.FinishedAt, m.ledger.Sent = campaign.Cancelled, noon.Add(-3*time.Minute), 5
		},
		"two days old": func(m *memory) { m.campaign.FinishedAt = noon.Add(-48 * time.Hour) },
		"a resend":     func(m *memory) { m.campaign.Of = 5 },
	} {
		for action, change := range changes {
			m := sentOut()
			make(m)
			_, err := change(t.Context(), m)
			require.NoError(t, err, "%s: %s", name, action)
		}
	}
}

// A change of many is for somebody else than the author of the broadcast, as a resend is; an
// edit for somebody else than the author of the new message, too.
func TestChangeOfManyIsForSomebodyElse(t *testing.T) {
	t.Parallel()
	for action, change := range changes {
		for above, refused := range map[int64]bool{0: false, 6: false, 5: true} {
			m := sentOut()
			m.above = above
			m.campaign.Author = access.Author{UserID: 1, Name: "ann"}
			ann, bob := as(t.Context(), 1), as(t.Context(), 2)
			_, err := change(ann, m)
			if !refused {
				require.NoError(t, err)
				require.False(t, m.created[0].Approver.Known())
				continue
			}
			require.True(t, fault.Is(err, "approval_needed"), "%s: %v", action, err)
			require.Empty(t, m.created)
			_, err = change(bob, m)
			require.NoError(t, err)
			require.EqualValues(t, 2, m.created[0].Approver.UserID)
		}
	}
}

// What changes messages has sent nothing that could be sent again, copied or compared.
func TestChangesAreNoSends(t *testing.T) {
	t.Parallel()
	m := sentOut()
	m.campaign.Action, m.campaign.Of = campaign.Edit, 5
	_, err := m.service().Resend(t.Context(), 1, 7, []campaign.Status{campaign.Failed})
	require.True(t, fault.Is(err, "campaign_state"), err)
	_, err = m.service().Duplicate(t.Context(), 1, 7, "")
	require.True(t, fault.Is(err, "campaign_state"), err)
	m.campaign.State = campaign.Paused
	_, err = m.service().Update(t.Context(), 1, 7, campaign.Changes{Paid: campaign.Paid{Allow: new(true)}})
	require.True(t, fault.Is(err, "campaign_state"), err)
}
