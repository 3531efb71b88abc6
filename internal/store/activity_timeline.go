package store

import (
	"context"
	"database/sql"
	"time"

	"bellman/internal/activity"
	"bellman/internal/audience"
	"bellman/internal/contact"
)

// This file reads what happened to one contact, latest first. Each kind is found by the
// contact and then sorted: one person has few rows.

// Settled implements [activity.TimelineStore].
func (s Activity) Settled(ctx context.Context, places []activity.Place) ([]activity.Moment, error) {
	if len(places) == 0 {
		return nil, nil
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT r.campaign_id, r.seq, COALESCE(o.settled_at, c.finished_at, $2) FROM `+s.d.rows("$1", placeColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq = v.seq`+joinCampaign+`
		LEFT JOIN outcomes o ON o.campaign_id = r.campaign_id AND o.seq = r.seq
		ORDER BY r.campaign_id, r.seq`, placeRows(places), activity.Underway.UnixMilli())
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (activity.Moment, error) {
		m := activity.Moment{Kind: activity.Messaged}
		return m, scanAt(r, &m.At, &m.Major, &m.Minor)
	})
}

// scanAt scans a row whose last column is a time.
func scanAt(r *sql.Rows, at *time.Time, before ...any) error {
	var ms int64
	err := r.Scan(append(before, &ms)...)
	*at = fromMillis(ms)
	return err
}

// Follows implements [activity.TimelineStore].
func (s Activity) Follows(
	ctx context.Context, workspaceID, contactID int64, below activity.Moment, limit int,
) ([]activity.Entry, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT k.id, k.seq, k.link, COALESCE(k.target, ''), k.press IS NOT NULL, COALESCE(k.data, ''), c.id, c.kind, c.message_id, m.name,
			k.clicked_at
		FROM clicks k JOIN campaigns c ON c.id = k.campaign_id + 0 JOIN messages m ON m.id = c.message_id
		WHERE k.contact_id <> 0 AND k.contact_id = $2 AND c.workspace_id + 0 = $1 AND c.forgotten_at IS NULL
			AND (k.clicked_at, k.campaign_id, k.id) < ($3, $4, $5)
		ORDER BY k.clicked_at DESC, k.campaign_id DESC, k.id DESC LIMIT $6`,
		workspaceID, contactID, below.At.UnixMilli(), below.Major, below.Key, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (activity.Entry, error) {
		f := &activity.Follow{}
		e := activity.Entry{Moment: activity.Moment{Kind: activity.Clicked}, Click: f}
		c := &f.Campaign
		err := scanAt(r, &e.At, &f.ID, &f.Seq, &f.Click.Link, &f.Click.Target, &f.Click.Pressed, &f.Click.Data,
			&c.ID, &c.Kind, &c.MessageID, &c.MessageName)
		e.Major, e.Key = c.ID, f.ID
		return e, err
	})
}

// EventsOf implements [activity.TimelineStore].
func (s Activity) EventsOf(
	ctx context.Context, workspaceID, contactID int64, below activity.Moment, limit int,
) ([]activity.Entry, error) {
	rows, err := s.read.QueryContext(ctx, selectEvents+`AND e.contact_id = $2 AND (e.occurred_at, e.id) < ($3, $4)
		ORDER BY e.occurred_at DESC, e.id DESC LIMIT $5`, workspaceID, contactID, below.At.UnixMilli(), below.Minor, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (activity.Entry, error) {
		e, err := scanEvent(r)
		return activity.Entry{Moment: activity.Moment{At: e.OccurredAt, Kind: activity.Happened, Minor: e.ID}, Event: &e}, err
	})
}

// Joined implements [activity.TimelineStore]. Of those who came to a group before that was
// noted, the time is not known.
func (s Activity) Joined(
	ctx context.Context, workspaceID, contactID int64, below activity.Moment, limit int,
) ([]activity.Entry, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT g.id, g.name, m.added_at FROM members m JOIN groups g ON g.id = m.group_id
		WHERE m.contact_id = $2 AND g.workspace_id = $1 AND NOT g.deleted AND m.added_at > 0 AND (m.added_at, g.id) < ($3, $4)
		ORDER BY m.added_at DESC, g.id DESC LIMIT $5`, workspaceID, contactID, below.At.UnixMilli(), below.Minor, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (activity.Entry, error) {
		g := &audience.Group{WorkspaceID: workspaceID}
		e := activity.Entry{Moment: activity.Moment{Kind: activity.JoinedGroup}, Group: g}
		err := scanAt(r, &e.At, &g.ID, &g.Name)
		e.Minor = g.ID
		return e, err
	})
}

// Began implements [activity.TimelineStore].
func (s Activity) Began(
	ctx context.Context, workspaceID, contactID int64, below activity.Moment, limit int,
) ([]activity.Entry, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+chatColumns+` FROM chats JOIN bots ON bots.id = chats.bot_id
		WHERE chats.contact_id = $2 AND bots.workspace_id + 0 = $1 AND (chats.created_at, chats.bot_id, chats.chat_id) < ($3, $4, $5)
		ORDER BY chats.created_at DESC, chats.bot_id DESC, chats.chat_id DESC LIMIT $6`,
		workspaceID, contactID, below.At.UnixMilli(), below.Major, below.Minor, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (activity.Entry, error) {
		c, err := scanChat(r)
		return activity.Entry{Moment: chatMoment(c), Chat: &c}, err
	})
}

func chatMoment(c contact.Chat) activity.Moment {
	return activity.Moment{At: c.CreatedAt, Kind: activity.ChatBegan, Major: c.BotID, Minor: c.ChatID}
}
